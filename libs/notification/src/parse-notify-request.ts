import type { z } from 'zod';
import { reduceContent } from './event-content';
import { toDefaultPayload } from './default-payload';
import type { Counts, Device, Notification } from './notification';
import { notifyDeviceSchema, notifyRequestSchema, type NotifyDevice, type NotifyRequest } from './notify-request';
import { cutToBytes, MAX_TEXT_BYTES } from './text';

export type ParseResult =
  | { readonly ok: true; readonly notification: Notification }
  | { readonly ok: false; readonly errcode: 'M_NOT_JSON' | 'M_BAD_JSON' | 'M_TOO_LARGE'; readonly error: string };

/** A homeserver sends one device a request, the protocol allows many; more than this is not a notification any more. */
export const MAX_DEVICES = 1000;

/**
 * Step 1 of a notification's way: the body of a notify request as a `Notification`, or a Matrix error that names the
 * path of the field at fault. Never throws; the error never repeats a value of the request.
 */
export function parseNotifyRequest(body: string): ParseResult {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    // The parser's own error text quotes the body: not repeated.
    return { ok: false, errcode: 'M_NOT_JSON', error: 'The body is not JSON' };
  }
  const request = notifyRequestSchema.safeParse(json);
  if (!request.success) return badJson(request.error);
  const { notification } = request.data;
  if (notification.devices.length > MAX_DEVICES) {
    return { ok: false, errcode: 'M_TOO_LARGE', error: `notification.devices: must have at most ${MAX_DEVICES} devices` };
  }
  if (notification.devices.length === 0) {
    return { ok: false, errcode: 'M_BAD_JSON', error: 'notification.devices: must have at least one device' };
  }
  const devices: Device[] = [];
  for (const [index, wire] of notification.devices.entries()) {
    const device = notifyDeviceSchema.safeParse(wire);
    if (!device.success) return badJson(device.error, ['notification', 'devices', index]);
    devices.push(toDevice(device.data));
  }
  return { ok: true, notification: toNotification(notification, devices) };
}

function badJson(error: z.ZodError, within: readonly PropertyKey[] = []): ParseResult {
  return { ok: false, errcode: 'M_BAD_JSON', error: describe(error, within) };
}

function describe(error: z.ZodError, within: readonly PropertyKey[]): string {
  const [issue] = error.issues;
  if (issue === undefined) return 'The body is not a notify request';
  const path = [...within, ...issue.path].reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  );
  return `${path === '' ? 'The body' : path}: ${issue.message}`;
}

function toNotification(wire: NotifyRequest['notification'], devices: readonly Device[]): Notification {
  return {
    // Identifiers are kept whole: half an id is another id.
    ...(wire.event_id && { eventId: wire.event_id }),
    ...(wire.room_id && { roomId: wire.room_id }),
    ...toTexts(wire),
    ...(wire.content && { content: reduceContent(wire.content) }),
    userIsTarget: wire.user_is_target ?? false,
    // Anything but `low` is `high`, the protocol's default.
    priority: wire.prio === 'low' ? 'low' : 'high',
    counts: toCounts(wire.counts),
    devices,
  };
}

/**
 * An empty text says nothing (Synapse sends `"sender":""`) and is left out, as what is absent is. Literals with constant keys:
 * an object made of computed keys is a dictionary, and costs some 2 us more.
 */
function toTexts(wire: NotifyRequest['notification']): Partial<Notification> {
  return {
    ...(wire.type && { type: text(wire.type) }),
    ...(wire.sender && { sender: text(wire.sender) }),
    ...(wire.sender_display_name && { senderDisplayName: text(wire.sender_display_name) }),
    ...(wire.room_name && { roomName: text(wire.room_name) }),
    ...(wire.room_alias && { roomAlias: text(wire.room_alias) }),
    ...(wire.membership && { membership: text(wire.membership) }),
  };
}

function toCounts(counts: NotifyRequest['notification']['counts']): Counts {
  return {
    ...(isPresent(counts?.unread) && { unread: counts.unread }),
    ...(isPresent(counts?.missed_calls) && { missedCalls: counts.missed_calls }),
  };
}

function toDevice(wire: NotifyDevice): Device {
  return {
    appId: wire.app_id,
    pushkey: wire.pushkey,
    ...(isPresent(wire.pushkey_ts) && { pushkeyTs: wire.pushkey_ts }),
    ...(wire.tweaks?.sound && { sound: text(wire.tweaks.sound) }),
    defaultPayload: toDefaultPayload(wire.data?.default_payload),
  };
}

/** An endless text says too much. */
function text(value: string): string {
  return cutToBytes(value, MAX_TEXT_BYTES);
}

function isPresent<V>(value: V | null | undefined): value is V {
  return value !== undefined && value !== null;
}
