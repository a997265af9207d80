import { isObject, type UnknownObject } from './json';

/** FCM: keys and values of `data` together. */
const MAX_DATA_BYTES = 4096;
/** FCM: four weeks. */
const MAX_TTL_S = 2_419_200;
/** The simulator's own bound: tokens are opaque, visible ASCII, and the ones seen have fewer than 300 characters. */
const REGISTRATION_TOKEN = /^[\x21-\x7e]{1,4096}$/;
/** `google.protobuf.Duration` in JSON: seconds with up to nine fractional digits. */
const DURATION = /^(\d{1,12})(?:\.\d{1,9})?s$/;
/** "Message types" in the FCM documentation: these are FCM's own. */
const RESERVED_DATA_KEY = /^(?:from$|message_type$|google\.|gcm\.)/;

const MESSAGE_FIELDS: ReadonlySet<string> = new Set([
  'android',
  'apns',
  'condition',
  'data',
  'fcm_options',
  'fcmOptions',
  'notification',
  'token',
  'topic',
  'webpush',
]);
const REQUEST_FIELDS: ReadonlySet<string> = new Set(['message', 'validate_only', 'validateOnly']);
const RECIPIENTS = ['token', 'topic', 'condition'] as const;

/** Which field, and what FCM says about it. */
export interface FcmViolation {
  readonly field: string;
  readonly message: string;
}

type Check<T> = (value: T) => FcmViolation | undefined;

/** The message of a `messages:send` request, or what is wrong with the request around it. */
export function messageOf(body: unknown): UnknownObject | undefined {
  return isObject(body) && isObject(body.message) ? body.message : undefined;
}

/** Everything that the simulator checks of a request body that is JSON; the first violation. */
export function checkFcmRequest(body: unknown): FcmViolation | undefined {
  if (!isObject(body))
    return { field: '', message: 'Invalid JSON payload received. Unknown name "": Root element must be a message.' };
  const message = messageOf(body);
  if (!message) return { field: 'message', message: 'The message is not set.' };
  return (
    unknownField(body, REQUEST_FIELDS, '') ??
    unknownField(message, MESSAGE_FIELDS, 'message') ??
    firstViolation(message)
  );
}

const MESSAGE_CHECKS: readonly Check<UnknownObject>[] = [checkRecipient, checkData, checkAndroid];

function firstViolation(message: UnknownObject): FcmViolation | undefined {
  for (const check of MESSAGE_CHECKS) {
    const violation = check(message);
    if (violation) return violation;
  }
  return undefined;
}

function unknownField(value: UnknownObject, known: ReadonlySet<string>, at: string): FcmViolation | undefined {
  const name = Object.keys(value).find((key) => !known.has(key));
  if (name === undefined) return undefined;
  const where = at === '' ? '' : ` at '${at}'`;
  return { field: at, message: `Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.` };
}

function checkRecipient(message: UnknownObject): FcmViolation | undefined {
  const given = RECIPIENTS.filter((name) => message[name] !== undefined);
  if (given.length === 0) return { field: 'message', message: 'Recipient of the message is not set.' };
  if (given.length > 1)
    return { field: 'message', message: "Invalid value at 'message' (oneof), only one recipient may be set." };
  const { token } = message;
  if (token === undefined) return undefined;
  return typeof token === 'string' && REGISTRATION_TOKEN.test(token)
    ? undefined
    : { field: 'message.token', message: 'The registration token is not a valid FCM registration token' };
}

function checkData({ data }: UnknownObject): FcmViolation | undefined {
  if (data === undefined) return undefined;
  if (!isObject(data))
    return { field: 'message.data', message: "Invalid value at 'message.data' (map), not an object." };
  let bytes = 0;
  for (const [key, value] of Object.entries(data)) {
    if (typeof value !== 'string')
      return { field: 'message.data', message: "Invalid value at 'message.data' (TYPE_STRING)" };
    if (RESERVED_DATA_KEY.test(key)) return { field: 'message.data', message: `Invalid data payload key: ${key}` };
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  return bytes <= MAX_DATA_BYTES
    ? undefined
    : { field: 'message.data', message: 'Message is too big: data exceeds 4096 bytes' };
}

function checkAndroid({ android }: UnknownObject): FcmViolation | undefined {
  if (android === undefined) return undefined;
  if (!isObject(android))
    return { field: 'message.android', message: "Invalid value at 'message.android', not an object." };
  const { priority, ttl } = android;
  if (priority !== undefined && !(typeof priority === 'string' && /^(?:high|normal)$/i.test(priority))) {
    return {
      field: 'message.android.priority',
      message: "Invalid value at 'message.android.priority' (AndroidMessagePriority)",
    };
  }
  if (ttl !== undefined && !isTtl(ttl)) {
    return {
      field: 'message.android.ttl',
      message: "Invalid value at 'message.android.ttl' (Duration), 0s to 2419200s",
    };
  }
  return undefined;
}

function isTtl(ttl: unknown): boolean {
  const seconds = typeof ttl === 'string' ? DURATION.exec(ttl)?.[1] : undefined;
  return seconds !== undefined && Number(seconds) <= MAX_TTL_S;
}
