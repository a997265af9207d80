import type { IncomingHttpHeaders } from 'node:http2';

import { isObject } from './json';
import type { WireRequest } from './wire';

/** Apple's reasons that validation can end in, with their status ("Handling notification responses from APNs"). */
export const STATUS_OF = {
  BadCollapseId: 400,
  BadDeviceToken: 400,
  BadExpirationDate: 400,
  BadMessageId: 400,
  BadPriority: 400,
  BadTopic: 400,
  InvalidPushType: 400,
  MissingDeviceToken: 400,
  MissingTopic: 400,
  PayloadEmpty: 400,
  TopicDisallowed: 400,
  BadCertificate: 403,
  ExpiredProviderToken: 403,
  InvalidProviderToken: 403,
  MissingProviderToken: 403,
  BadPath: 404,
  MethodNotAllowed: 405,
  PayloadTooLarge: 413,
} as const;

export type ApnsReason = keyof typeof STATUS_OF;

/** `apns-push-type`, as "Sending notification requests to APNs" lists them. */
const PUSH_TYPES: ReadonlySet<unknown> = new Set([
  'alert',
  'background',
  'complication',
  'controls',
  'fileprovider',
  'liveactivity',
  'location',
  'mdm',
  'pushtotalk',
  'voip',
  'widgets',
]);
/** `10` at once, `5` by the device's power considerations, `1` not waking it. */
const PRIORITIES: ReadonlySet<unknown> = new Set(['10', '5', '1']);
const MAX_COLLAPSE_ID_BYTES = 64;
const MAX_PAYLOAD_BYTES = 4096;
/** VoIP pushes may be larger. */
const MAX_VOIP_PAYLOAD_BYTES = 5120;
const PATH_PREFIX = '/3/device/';
/** Apple leaves the length open; tokens seen have 32 to 100 bytes. The floor allows for short ones in tests. */
const DEVICE_TOKEN = /^(?:[0-9a-f]{2}){4,100}$/i;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A bundle id, perhaps with Apple's suffixes (`.voip`, ...). */
const TOPIC = /^[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*$/;

/** The device token in the path as it was sent; undefined when the path is not that of a push. */
export function deviceTokenOf(path: string): string | undefined {
  return path.startsWith(PATH_PREFIX) ? path.slice(PATH_PREFIX.length) : undefined;
}

/** Method, path and device token. */
export function checkAddress(method: string, deviceToken: string | undefined): ApnsReason | undefined {
  if (deviceToken === undefined) return 'BadPath';
  if (method !== 'POST') return 'MethodNotAllowed';
  if (deviceToken === '') return 'MissingDeviceToken';
  return DEVICE_TOKEN.test(deviceToken) ? undefined : 'BadDeviceToken';
}

/** `topicOptional`: the client's certificate names the topic. */
export function checkTopic(
  topic: IncomingHttpHeaders[string],
  accepted: ReadonlySet<string> | undefined,
  topicOptional: boolean,
): ApnsReason | undefined {
  if (topic === undefined || topic === '') return topicOptional ? undefined : 'MissingTopic';
  if (typeof topic !== 'string' || !TOPIC.test(topic)) return 'BadTopic';
  return accepted === undefined || accepted.has(topic) ? undefined : 'TopicDisallowed';
}

type HeaderCheck = (headers: IncomingHttpHeaders) => ApnsReason | undefined;

const HEADER_CHECKS: readonly HeaderCheck[] = [
  ({ 'apns-push-type': type }) => (type === undefined || PUSH_TYPES.has(type) ? undefined : 'InvalidPushType'),
  ({ 'apns-priority': priority, 'apns-push-type': type }) => {
    if (priority !== undefined && !PRIORITIES.has(priority)) return 'BadPriority';
    // Absent means 10, and 10 is an error for a push that only wakes the app.
    return type === 'background' && (priority ?? '10') === '10' ? 'BadPriority' : undefined;
  },
  ({ 'apns-expiration': at }) => (at === undefined || /^\d{1,10}$/.test(String(at)) ? undefined : 'BadExpirationDate'),
  ({ 'apns-id': id }) => (id === undefined || UUID.test(String(id)) ? undefined : 'BadMessageId'),
  ({ 'apns-collapse-id': id }) =>
    id === undefined || Buffer.byteLength(String(id), 'latin1') <= MAX_COLLAPSE_ID_BYTES ? undefined : 'BadCollapseId',
];

export function checkHeaders(headers: IncomingHttpHeaders): ApnsReason | undefined {
  for (const check of HEADER_CHECKS) {
    const reason = check(headers);
    if (reason) return reason;
  }
  return undefined;
}

/** Apple has no reason of its own for what is not a JSON object; it counts as no payload. */
export function checkPayload({ body, bodyBytes, headers }: WireRequest): ApnsReason | undefined {
  const limit = headers['apns-push-type'] === 'voip' ? MAX_VOIP_PAYLOAD_BYTES : MAX_PAYLOAD_BYTES;
  if (bodyBytes > limit) return 'PayloadTooLarge';
  try {
    return isObject(JSON.parse(body)) ? undefined : 'PayloadEmpty';
  } catch {
    return 'PayloadEmpty';
  }
}
