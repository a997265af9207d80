import { z } from 'zod';

/**
 * The request as it comes over the wire, in two classes of fields:
 *
 * - What the relay itself works with (devices, app_id, pushkey, pushkey_ts, event_id, prio) must have its type, or the
 *   request is not the protocol.
 * - What only a payload is made from is taken if it has its type and is absent otherwise. A homeserver repeats a refused
 *   event for a day and sends nothing else to that device meanwhile, so an odd `room_name` must not refuse the event.
 *
 * Null is the same as absent everywhere, unknown keys are ignored. Nothing here looks at every element of anything:
 * `content` and `default_payload` may have 100,000 of them.
 * Source: Matrix Push Gateway API v1, `POST /_matrix/push/v1/notify`; observations of Synapse 1.67 and 1.141.
 */
const payloadText = z.string().nullish().catch(undefined);
const payloadObject = z.custom<Readonly<Record<string, unknown>>>(isObject).nullish().catch(undefined);
const payloadCount = z.int().nonnegative().nullish().catch(undefined);

export const notifyDeviceSchema = z.object({
  app_id: z.string(),
  pushkey: z.string(),
  pushkey_ts: z.number().nullish(),
  data: payloadObject,
  tweaks: z.object({ sound: payloadText }).nullish().catch(undefined),
});

/** `devices` are looked at one by one afterwards: a request with many wrong ones must not cost a second. */
export const notifyRequestSchema = z.object({
  notification: z.object({
    event_id: z.string().nullish(),
    prio: z.string().nullish(),
    devices: z.custom<readonly unknown[]>(Array.isArray, 'must be a list'),
    room_id: payloadText,
    type: payloadText,
    sender: payloadText,
    sender_display_name: payloadText,
    room_name: payloadText,
    room_alias: payloadText,
    membership: payloadText,
    user_is_target: z.boolean().nullish().catch(undefined),
    content: payloadObject,
    counts: z.object({ unread: payloadCount, missed_calls: payloadCount }).nullish().catch(undefined),
  }),
});

export type NotifyRequest = z.infer<typeof notifyRequestSchema>;
export type NotifyDevice = z.infer<typeof notifyDeviceSchema>;

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
