import type { JsonObject } from '@reveille/notification';
import type { Dispatch } from '@reveille/provider';
import { z } from 'zod';
import { parseJson } from './parse-json';
import { createSeal, type Opened, type Seal, type SealedPlace } from './seal';

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

/** What stands in the clear: enough to expire, count and show a job, nothing of the event and no pushkey. */
const envelopeSchema = z.object({
  v: z.literal(VERSION),
  kind: z.enum(['event', 'call', 'counts']),
  acceptedAt: timestamp,
  deadline: timestamp,
  deviceHash: z.string(),
  eventHash: optionalText,
  roomHash: optionalText,
});

const secretsSchema = z.object({ device: deviceSchema, notification: notificationSchema });
const openJobSchema = z.object({ ...envelopeSchema.shape, ...secretsSchema.shape });
const sealedJobSchema = z.object({ ...envelopeSchema.shape, sealed: z.string() });

type Envelope = Pick<Dispatch, 'kind' | 'acceptedAt' | 'deadline' | 'deviceHash' | 'eventHash' | 'roomHash'>;

/** Why a job's data give no dispatch. */
export interface UnreadableJob {
  /**
   * `unreadable`: of another version, or damaged. `tampered`: sealed, but it does not authenticate. `not-sealed`: in the clear where
   * all must be sealed. `sealing-key-unknown`: sealed with a key that is not in the configuration of this process.
   */
  readonly reason: 'unreadable' | 'tampered' | 'not-sealed' | 'sealing-key-unknown';
  /** What stands in the clear; absent when not even that can be read. */
  readonly envelope?: Envelope;
}

export type DecodedJob =
  | { readonly dispatch: Dispatch; readonly unreadable?: undefined }
  | { readonly dispatch: undefined; readonly unreadable: UnreadableJob };

/** Between a dispatch and the data of its job. */
export interface DispatchCodec {
  /**
   * A dispatch as the data of its job in the queue of `appKey`; its id is the job's id. `notification` may be passed as JSON, made
   * once for the devices of a request.
   */
  encode(appKey: string, dispatch: Dispatch, notification?: string): string;
  /** The dispatch of a job, or why there is none. Never throws. */
  decode(appKey: string, id: string, data: unknown): DecodedJob;
}

export interface DispatchCodecOptions {
  /** Newest first, 32 bytes each. None: jobs are written in the clear. */
  readonly keys?: readonly Buffer[];
  /** With keys: jobs in the clear are not read. */
  readonly requireSealed?: boolean;
}

/** With keys, jobs are sealed with the newest; those written with any of the keys are read, and, unless refused, those in the clear. */
export function createDispatchCodec(options: DispatchCodecOptions = {}): DispatchCodec {
  const { keys: [newest, ...older] = [], requireSealed = false } = options;
  const seal = newest && createSeal([newest, ...older]);
  return {
    encode(appKey, dispatch, notification = JSON.stringify(dispatch.notification)) {
      const { id, notification: _notification, device, ...rest } = dispatch;
      const secrets = `"device":${JSON.stringify(device)},"notification":${notification}}`;
      const envelope = JSON.stringify({ v: VERSION, ...rest }).slice(0, -1);
      if (!seal) return `${envelope},${secrets}`;
      // base64url: nothing to escape.
      return `${envelope},"sealed":"${seal.seal(`{${secrets}`, { appKey, jobId: id, beside: besideOf(rest) })}"}`;
    },
    decode(appKey, id, data) {
      if (isSealed(data)) return decodeSealed(data, { appKey, jobId: id }, seal);
      const parsed = openJobSchema.safeParse(data);
      if (!parsed.success) return unreadable('unreadable', data);
      if (seal && requireSealed) return unreadable('not-sealed', data);
      const { v: _v, ...dispatch } = parsed.data;
      return { dispatch: { id, ...dispatch } };
    },
  };
}

function isSealed(data: unknown): boolean {
  return typeof data === 'object' && data !== null && 'sealed' in data;
}

/**
 * One text for one envelope: whoever can write to Redis may not ring late, or as something else, what was sealed. The hashes
 * of event and room are only looked for.
 */
function besideOf({ kind, acceptedAt, deadline, deviceHash }: Envelope): string {
  return JSON.stringify([VERSION, kind, acceptedAt, deadline, deviceHash]);
}

function decodeSealed(data: unknown, place: Omit<SealedPlace, 'beside'>, seal: Seal | undefined): DecodedJob {
  const parsed = sealedJobSchema.safeParse(data);
  if (!parsed.success) return unreadable('unreadable', data);
  const { v: _v, sealed, ...envelope } = parsed.data;
  // Without any key, every key is an unknown one.
  const opened: Opened = seal ? seal.open(sealed, { ...place, beside: besideOf(envelope) }) : { kind: 'key-unknown' };
  switch (opened.kind) {
    case 'key-unknown':
      return unreadable('sealing-key-unknown', data);
    case 'tampered':
      return unreadable('tampered', data);
    case 'opened': {
      const secrets = secretsSchema.safeParse(parseJson(opened.text));
      if (!secrets.success) return unreadable('unreadable', data);
      return { dispatch: { id: place.jobId, ...envelope, ...secrets.data } };
    }
    default:
      return opened satisfies never;
  }
}

function unreadable(reason: UnreadableJob['reason'], data: unknown): DecodedJob {
  const parsed = envelopeSchema.safeParse(data);
  if (!parsed.success) return { dispatch: undefined, unreadable: { reason } };
  const { v: _v, ...envelope } = parsed.data;
  return { dispatch: undefined, unreadable: { reason, envelope } };
}
