import type { Counts, DefaultPayload, Device, JsonObject, JsonValue } from '@reveille/notification';
import type { Dispatch, Rejected, Skipped, Undeliverable } from '@reveille/provider';

import { cutToBudget, cutToBytes, toWellFormed } from './cut';

/** Keys and values of `data` together, in bytes of UTF-8. Firebase: 4096 bytes for most messages. */
export const MAX_DATA_BYTES = 4096;
/** A string field of the notification or its content, in bytes of UTF-8; the reference gateway's limit. */
export const MAX_FIELD_BYTES = 1024;
/** Longest pushkey that is sent at all, in characters; registration tokens have some 160, the protocol allows 512. */
export const MAX_PUSHKEY_LENGTH = 4096;
/** Firebase: `ttl` is between 0 and 2,419,200 seconds (4 weeks). */
export const MAX_TTL_SECONDS = 2_419_200;

/** What of an app's settings shapes its payloads. */
export interface PayloadSettings {
  readonly fcm_options?: Readonly<Record<string, JsonValue>> | undefined;
  readonly send_badge_counts: boolean;
}

/** The `data` of a message: strings only. */
export type FcmData = Readonly<Record<string, string>>;

/** Either what is to be sent, or how the dispatch ends without a call. */
export type DataResult = { readonly kind: 'data'; readonly data: FcmData } | Skipped | Rejected | Undeliverable;

/**
 * Builds the `data` of a message, as the reference gateway does (providers.md, section FCM).
 *
 * @param now milliseconds since the epoch, the time of death of a pushkey that can never work
 */
export function buildData(dispatch: Dispatch, settings: PayloadSettings, now: number): DataResult {
  const impossible = whyImpossible(dispatch.device, now);
  if (impossible !== undefined) {
    return impossible;
  }
  const { device, notification } = dispatch;
  const counts = settings.send_badge_counts ? countFields(notification.counts) : [];
  const fields = new Map([...templateFields(device.defaultPayload), ...notificationFields(dispatch)]);
  // A badge that the app cannot show: waking the device for it would be for nothing.
  if (!fields.get('room_id') && !fields.get('event_id') && counts.length === 0) {
    return { kind: 'skipped', reason: 'nothing-to-send' };
  }
  fields.set('prio', wirePriority(dispatch));
  for (const [key, value] of counts) {
    fields.set(key, value);
  }
  return withContent(fields, notification.content?.text ?? {});
}

/** What is wrong with a device whatever the notification. */
function whyImpossible({ pushkey, defaultPayload }: Device, now: number): Rejected | Undeliverable | undefined {
  // FCM calls an empty registration token an invalid one; one longer than any that it gives out is never delivered to.
  if (pushkey === '' || pushkey.length > MAX_PUSHKEY_LENGTH) {
    return { kind: 'rejected', reason: 'malformed-pushkey', diedAt: now, suspect: false };
  }
  // The app set its pusher wrongly: nothing can be sent to it until it sets it anew (which revives the pushkey).
  if (defaultPayload.kind === 'malformed') {
    return { kind: 'rejected', reason: 'malformed-default-payload', diedAt: now, suspect: false };
  }
  // An object as it should be, only a strange one: too little to unsubscribe a user.
  return defaultPayload.kind === 'too-complex' ? { kind: 'undeliverable', reason: 'default-payload-too-complex' } : undefined;
}

/**
 * The body of `messages:send`. Built anew for every push: nothing of the settings or the dispatch is changed.
 *
 * @param now milliseconds since the epoch; what is left until the deadline becomes the `ttl`
 */
export function encodeMessage(dispatch: Dispatch, data: FcmData, settings: PayloadSettings, now: number): string {
  const options = settings.fcm_options ?? {};
  const android = isObject(options.android) ? options.android : {};
  return JSON.stringify({
    message: {
      ...options,
      data,
      android: { ttl: remainingTtl(dispatch.deadline, now), ...android, priority: wirePriority(dispatch) },
      token: dispatch.device.pushkey,
    },
  });
}

function wirePriority(dispatch: Dispatch): 'high' | 'normal' {
  return dispatch.notification.priority === 'low' ? 'normal' : 'high';
}

/** "0s" is now or never (Firebase), which is right for a deadline that passes while the request is under way. */
function remainingTtl(deadline: number, now: number): string {
  const seconds = Math.floor((deadline - now) / 1000);
  return `${Math.min(Math.max(seconds, 0), MAX_TTL_SECONDS)}s`;
}

/** `default_payload` with every value a string. An explicit null is the same as an absent key, as everywhere. */
function templateFields(template: DefaultPayload): [string, string][] {
  const fields: [string, string][] = [];
  for (const [key, value] of Object.entries(template.kind === 'object' ? template.value : {})) {
    if (value !== null) {
      fields.push([toWellFormed(key), toWellFormed(asString(value))]);
    }
  }
  return fields;
}

function asString(value: string | number | boolean | readonly JsonValue[] | JsonObject): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The string fields of the notification under their wire names, each cut on its own. */
function notificationFields({ notification }: Dispatch): [string, string][] {
  const named: [string, string | undefined][] = [
    ['event_id', notification.eventId],
    ['type', notification.type],
    ['sender', notification.sender],
    ['room_name', notification.roomName],
    ['room_alias', notification.roomAlias],
    ['membership', notification.membership],
    ['sender_display_name', notification.senderDisplayName],
    ['room_id', notification.roomId],
  ];
  return named.flatMap(([key, value]): [string, string][] =>
    value === undefined ? [] : [[key, cutToBytes(value, MAX_FIELD_BYTES)]],
  );
}

/** Zero is left out: an app without a push about a count has none. */
function countFields({ unread, missedCalls }: Counts): [string, string][] {
  const named: [string, number | undefined][] = [
    ['unread', unread],
    ['missed_calls', missedCalls],
  ];
  return named.flatMap(([key, value]): [string, string][] => (value ? [[key, String(value)]] : []));
}

/** Adds `content_*` in what the other fields leave of the limit, the longest values shrinking first. */
function withContent(fields: Map<string, string>, content: Readonly<Record<string, string>>): DataResult {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(content)) {
    texts.set(`content_${toWellFormed(key)}`, value);
  }
  let budget = MAX_DATA_BYTES;
  for (const key of texts.keys()) {
    fields.delete(key);
    budget -= Buffer.byteLength(key);
  }
  for (const [key, value] of fields) {
    budget -= Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (budget < 0) {
    return { kind: 'undeliverable', reason: 'payload-too-large' };
  }
  const values = cutToBudget([...texts.values()], MAX_FIELD_BYTES, budget);
  [...texts.keys()].forEach((key, index) => fields.set(key, values[index] ?? ''));
  // fromEntries defines own properties, so that a key such as `__proto__` stays a key.
  return { kind: 'data', data: Object.fromEntries(fields) };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
