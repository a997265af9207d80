import type { JsonObject } from '@reveille/notification';
import type { Dispatch } from '@reveille/provider';
import { z } from 'zod';

/**
 * The form of a job's data. Raised when an older reader could misread a newer writer; a job of another version is a dead
 * letter, not a crash.
 */
const VERSION = 1;

const timestamp = z.number().int().nonnegative();
const optionalText = z.string().exactOptional();

/** An object of any shape: it came out of JSON, was bounded by `parseNotifyRequest`, and providers look before they touch. */
const jsonObject = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value));

const deviceSchema = z.object({
  appId: z.string(),
  pushkey: z.string(),
  pushkeyTs: z.number().exactOptional(),
  sound: optionalText,
  defaultPayload: z.union([
    z.object({ kind: z.literal('object'), value: jsonObject }),
    z.object({ kind: z.enum(['absent']) }),
    z.object({ kind: z.enum(['malformed']) }),
    z.object({ kind: z.enum(['too-complex']) }),
  ]),
});

const notificationSchema = z.object({
  eventId: optionalText,
  roomId: optionalText,
  type: optionalText,
  sender: optionalText,
  senderDisplayName: optionalText,
  roomName: optionalText,
  roomAlias: optionalText,
  membership: optionalText,
  userIsTarget: z.boolean(),
  priority: z.enum(['high', 'low']),
  content: z
    .object({
      text: z.record(z.string(), z.string()),
      offersVideo: z.boolean(),
      lifetimeMs: z.number().exactOptional(),
    })
    .exactOptional(),
  counts: z.object({ unread: z.number().exactOptional(), missedCalls: z.number().exactOptional() }),
});

const jobDataSchema = z.object({
  v: z.literal(VERSION),
  kind: z.enum(['event', 'call', 'counts']),
  acceptedAt: timestamp,
  deadline: timestamp,
  deviceHash: z.string(),
  device: deviceSchema,
  notification: notificationSchema,
});

/** A dispatch as the data of its job; its id is the job's id. `notification` may be passed encoded, once for a batch. */
export function encodeDispatch(dispatch: Dispatch, notification = JSON.stringify(dispatch.notification)): string {
  const { id: _id, notification: _notification, ...rest } = dispatch;
  const own = JSON.stringify({ v: VERSION, ...rest });
  return `${own.slice(0, -1)},"notification":${notification}}`;
}

/** The dispatch of a job, or undefined for data that this version cannot read. Never throws. */
export function decodeDispatch(id: string, data: unknown): Dispatch | undefined {
  const parsed = jobDataSchema.safeParse(data);
  if (!parsed.success) return undefined;
  const { v: _v, ...dispatch } = parsed.data;
  return { id, ...dispatch };
}
