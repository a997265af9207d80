import { parseJson } from '@reveille/http2-transport';
import type { TransportFailureKind, TransportResult } from '@reveille/http2-transport';
import { z } from 'zod';

/** What came of one request to APNs, as data, for `toOutcome`. */
export type ApnsAnswer =
  | {
      readonly kind: 'answered';
      readonly status: number;
      /** One of Apple's reasons; `Success`; or `Unknown`. Never any other text: it becomes a metric label. */
      readonly reason: string;
      /** When the token became invalid, in milliseconds since the epoch; only with 410. */
      readonly timestamp?: number;
      readonly retryAfter?: string;
      readonly latencyMs: number;
    }
  | { readonly kind: 'failed'; readonly failure: TransportFailureKind; readonly latencyMs: number }
  /** Our own key could not sign: nothing was sent. */
  | { readonly kind: 'unsigned'; readonly latencyMs: number };

/** Apple, "Handling error responses from Apple Push Notification service", table of error codes. */
const KNOWN_REASONS: ReadonlySet<string> = new Set([
  'BadCertificate',
  'BadCertificateEnvironment',
  'BadCollapseId',
  'BadDeviceToken',
  'BadEnvironmentKeyIdInToken',
  'BadExpirationDate',
  'BadMessageId',
  'BadPath',
  'BadPriority',
  'BadTopic',
  'DeviceTokenNotForTopic',
  'DuplicateHeaders',
  'ExpiredProviderToken',
  'ExpiredToken',
  'Forbidden',
  'IdleTimeout',
  'InternalServerError',
  'InvalidProviderToken',
  'InvalidPushType',
  'MethodNotAllowed',
  'MissingDeviceToken',
  'MissingProviderToken',
  'MissingTopic',
  'PayloadEmpty',
  'PayloadTooLarge',
  'ServiceUnavailable',
  'Shutdown',
  'TooManyProviderTokenUpdates',
  'TooManyRequests',
  'TopicDisallowed',
  'UnrelatedKeyIdInToken',
  'Unregistered',
]);

const errorBody = z.object({ reason: z.string(), timestamp: z.number().positive().optional().catch(undefined) });

/** Reads a transport's result; a body that is not Apple's JSON leaves the status to speak for itself. */
export function toAnswer(result: TransportResult, latencyMs: number): ApnsAnswer {
  if (!result.ok) return { kind: 'failed', failure: result.kind, latencyMs };
  const { status, headers } = result;
  if (status === 200) return { kind: 'answered', status, reason: 'Success', latencyMs };
  const { reason, timestamp } = parseError(result.body);
  return {
    kind: 'answered',
    status,
    reason,
    latencyMs,
    ...(timestamp !== undefined && { timestamp }),
    ...(headers['retry-after'] !== undefined && { retryAfter: headers['retry-after'] }),
  };
}

function parseError(body: string): { reason: string; timestamp?: number | undefined } {
  const parsed = errorBody.safeParse(parseJson(body));
  if (!parsed.success || !KNOWN_REASONS.has(parsed.data.reason)) return { reason: 'Unknown' };
  return parsed.data;
}
