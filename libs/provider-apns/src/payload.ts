/// <reference lib="es2024.string" />
import type { Counts } from '@reveille/notification';
import type { Dispatch } from '@reveille/provider';

import { chooseAlert, type LocalisedAlert } from './alert';
import { copyObject, emptyObject, isObject, type MutableObject } from './json-copy';
import { encodeWithin } from './truncate';

/** Bytes of UTF-8 (Apple, "Generating a remote notification"; VoIP may have 5120, which sygnal does not use either). */
export const MAX_PAYLOAD_BYTES = 4096;

/** What a dispatch looks like to the device, or why nothing is sent. */
export type PayloadResult =
  | { readonly kind: 'payload'; readonly body: string; readonly pushType: 'alert' | 'background' }
  | { readonly kind: 'skipped'; readonly reason: 'nothing-to-send' }
  | { readonly kind: 'rejected'; readonly reason: 'malformed-default-payload' }
  | { readonly kind: 'undeliverable'; readonly reason: UndeliverableReason };

export type UndeliverableReason =
  | 'default-payload-too-complex'
  | 'malformed-aps'
  | 'malformed-alert'
  | 'payload-too-large';

/**
 * Builds the JSON body that an app written for sygnal expects. Tested in this order: a template that is none; an event
 * of which only the ids are known; everything else. Never changes the dispatch.
 */
export function buildPayload(dispatch: Dispatch, sendBadgeCounts: boolean): PayloadResult {
  const { notification, device } = dispatch;
  // The app registered its pusher with a template that is none: only a new registration helps, so the pushkey goes.
  if (device.defaultPayload.kind === 'malformed') return { kind: 'rejected', reason: 'malformed-default-payload' };
  if (notification.eventId && !notification.type) return buildEventIdOnly(dispatch, sendBadgeCounts);
  return buildFull(dispatch, sendBadgeCounts);
}

/** The app fetches the event itself: its template as it is, and the ids. */
function buildEventIdOnly(dispatch: Dispatch, sendBadgeCounts: boolean): PayloadResult {
  const payload = copyTemplate(dispatch);
  // No serializer can be trusted with it; the pushkey is fine.
  if (!payload) return undeliverable('default-payload-too-complex');
  putIds(payload, dispatch);
  const { unread, missedCalls } = dispatch.notification.counts;
  if (sendBadgeCounts && unread !== undefined) payload.unread_count = unread;
  if (sendBadgeCounts && missedCalls !== undefined) payload.missed_calls = missedCalls;
  return encode(payload);
}

function buildFull(dispatch: Dispatch, sendBadgeCounts: boolean): PayloadResult {
  const { notification } = dispatch;
  const alert = chooseAlert(notification);
  const badge = sendBadgeCounts ? badgeOf(notification.counts) : undefined;
  if (!alert && badge === undefined) return { kind: 'skipped', reason: 'nothing-to-send' };
  // An update of the counts alone must not show the template's alert.
  const payload = notification.type ? copyTemplate(dispatch) : emptyObject();
  if (!payload) return undeliverable('default-payload-too-complex');
  return fillPayload(payload, dispatch, { alert, badge });
}

interface Parts {
  readonly alert: LocalisedAlert | undefined;
  readonly badge: number | undefined;
}

function fillPayload(payload: MutableObject, dispatch: Dispatch, { alert, badge }: Parts): PayloadResult {
  if (isMissing(payload, 'aps')) payload.aps = emptyObject();
  const { aps } = payload;
  // Apple would refuse it, or show what nobody meant; the app must correct its template.
  if (!isObject(aps)) return undeliverable('malformed-aps');
  if (!hasUsableAlert(aps)) return undeliverable('malformed-alert');
  if (alert) {
    putAlert(aps, alert);
    putIds(payload, dispatch);
  }
  if (badge !== undefined) aps.badge = badge;
  putSound(aps, dispatch);
  return encode(payload);
}

/** A copy of the app's template; undefined when it is nested too deep to be copied. */
function copyTemplate({ device: { defaultPayload } }: Dispatch): MutableObject | undefined {
  switch (defaultPayload.kind) {
    case 'object':
      return copyObject(defaultPayload.value);
    case 'absent':
    case 'malformed':
      return emptyObject();
    case 'too-complex':
      return undefined;
    default:
      return defaultPayload satisfies never;
  }
}

/** Unread events and missed calls together; zero is meaningful: it clears the badge. */
function badgeOf({ unread, missedCalls }: Counts): number | undefined {
  if (unread === undefined && missedCalls === undefined) return undefined;
  return (unread ?? 0) + (missedCalls ?? 0);
}

function putIds(payload: MutableObject, { notification }: Dispatch): void {
  if (notification.roomId) payload.room_id = notification.roomId.toWellFormed();
  if (notification.eventId) payload.event_id = notification.eventId.toWellFormed();
}

/** A string as alert is valid for Apple, but cannot take a loc-key: the object replaces it. */
function putAlert(aps: MutableObject, { locKey, locArgs }: LocalisedAlert): void {
  const alert = isObject(aps.alert) ? aps.alert : emptyObject();
  alert['loc-key'] = locKey;
  alert['loc-args'] = [...locArgs];
  aps.alert = alert;
}

/** The template's own sound wins over the push rule's. */
function putSound(aps: MutableObject, { device }: Dispatch): void {
  if (device.sound && isMissing(aps, 'sound')) aps.sound = device.sound.toWellFormed();
}

function hasUsableAlert(aps: MutableObject): boolean {
  return isMissing(aps, 'alert') || typeof aps.alert === 'string' || isObject(aps.alert);
}

function encode(payload: MutableObject): PayloadResult {
  const body = encodeWithin(payload, MAX_PAYLOAD_BYTES);
  // All that may be cut has been cut; the rest is the template's own.
  if (body === undefined) return undeliverable('payload-too-large');
  return { kind: 'payload', body, pushType: pushTypeOf(payload) };
}

/**
 * `background` only wakes the app; a badge alone is shown, so it is an `alert` (Apple, "Sending notification requests
 * to APNs").
 */
function pushTypeOf(payload: MutableObject): 'alert' | 'background' {
  const aps = payload.aps;
  const isSilent =
    isObject(aps) &&
    Boolean(aps['content-available']) &&
    ['alert', 'badge', 'sound'].every((key) => isMissing(aps, key));
  return isSilent ? 'background' : 'alert';
}

function isMissing(object: MutableObject, key: string): boolean {
  return object[key] === undefined;
}

function undeliverable(reason: UndeliverableReason): PayloadResult {
  return { kind: 'undeliverable', reason };
}
