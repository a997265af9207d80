import { parseRetryAfter } from '@reveille/provider';
import type { Deferred, ProviderAnswer, SendOutcome } from '@reveille/provider';
import { parseJson } from '@reveille/http2-transport';
import type { TransportAnswer, TransportResult } from '@reveille/http2-transport';
import { z } from 'zod';

import type { TokenFailure } from './credential';

/** Firebase: retries of 5xx answers and timeouts start at >= 10 s. In milliseconds. */
export const MIN_RETRY_MS = 10_000;
/** Firebase: a 429 without `Retry-After` is retried after 60 s. In milliseconds. */
export const QUOTA_RETRY_MS = 60_000;

/** What came of one call of `messages:send`. */
export interface FcmAnswer {
  readonly result: TransportResult;
  /** From the call to the answer or failure, in milliseconds. */
  readonly latencyMs: number;
}

/**
 * Judges an answer of FCM: the error code of its details first, then the HTTP status (providers.md, section FCM;
 * https://firebase.google.com/docs/reference/fcm/rest/v1/ErrorCode).
 *
 * @param now milliseconds since the epoch: the time of death of a rejected pushkey, and the base of `Retry-After` dates
 */
export function toOutcome({ result, latencyMs }: FcmAnswer, now: number): SendOutcome {
  if (!result.ok) {
    // No complete answer: whether FCM has the push is not known, and a lost push is worse than a second one.
    const answer = { reason: result.kind, latencyMs };
    return { kind: 'deferred', reason: result.kind, scope: 'push', retryAfterMs: MIN_RETRY_MS, answer };
  }
  if (result.status >= 200 && result.status < 300) {
    return { kind: 'delivered', answer: { status: result.status, reason: 'ok', latencyMs } };
  }
  const error = readError(result);
  const answer = { status: result.status, reason: error.code ?? `http-${result.status}`, latencyMs };
  const judged = { error, answer, result, now };
  return error.code === undefined ? judgeStatus(judged) : judgeCode(error.code, judged);
}

/** 401 for the access token itself: it is renewed and the push sent once more before anything is parked. */
export function isTokenRefused({ result }: FcmAnswer): boolean {
  // THIRD_PARTY_AUTH_ERROR is a 401 too, but about the APNs key or web push credential that FCM holds, not our token.
  return result.ok && result.status === 401 && readError(result).code !== 'THIRD_PARTY_AUTH_ERROR';
}

/** Judges a failure to get an access token; FCM was not called. */
export function tokenFailureToOutcome(failure: TokenFailure, latencyMs: number): SendOutcome {
  const { reason } = failure;
  const answer = { ...(failure.status !== undefined && { status: failure.status }), reason, latencyMs };
  switch (failure.kind) {
    case 'refused':
      // The key was deleted, the account disabled, or the clock is wrong: an operator's matter, and every push's.
      return { kind: 'parked', reason, answer };
    case 'unavailable':
      // The token endpoint is down or slow: nothing is wrong with us, it will come back.
      return { kind: 'deferred', reason, scope: 'push', retryAfterMs: atLeastMinimum(failure.retryAfterMs), answer };
    default:
      return failure.kind satisfies never;
  }
}

/** Error codes of FCM's own; UNSPECIFIED_ERROR says nothing, so that the HTTP status decides. */
const fcmCode = z.enum([
  'INVALID_ARGUMENT',
  'UNREGISTERED',
  'SENDER_ID_MISMATCH',
  'QUOTA_EXCEEDED',
  'UNAVAILABLE',
  'INTERNAL',
  'THIRD_PARTY_AUTH_ERROR',
]);
type FcmCode = z.infer<typeof fcmCode>;

/** A part that is not as documented counts as absent: never as a reason to reject. */
const errorBody = z.object({
  error: z.object({
    message: z.string().catch(''),
    details: z
      .array(
        z.object({
          errorCode: fcmCode.optional().catch(undefined),
          fieldViolations: z
            .array(z.object({ field: z.string().catch(''), description: z.string().catch('') }).catch(NO_VIOLATION()))
            .catch([]),
        }).catch({ fieldViolations: [] }),
      )
      .catch([]),
  }),
});

function NO_VIOLATION(): { field: string; description: string } {
  return { field: '', description: '' };
}

interface FcmError {
  readonly code?: FcmCode;
  readonly blamesToken: boolean;
}

interface Judged {
  readonly error: FcmError;
  readonly answer: ProviderAnswer;
  readonly result: TransportAnswer;
  readonly now: number;
}

/** "The registration token is not a valid FCM registration token"; "Invalid registration token" of `message.token`. */
const BLAMES_TOKEN = /registration token is not (?:a )?valid|invalid registration token/i;

function readError(result: TransportAnswer): FcmError {
  const parsed = errorBody.safeParse(parseJson(result.body));
  if (!parsed.success) {
    return { blamesToken: false };
  }
  const { message, details } = parsed.data.error;
  const code = details.find((detail) => detail.errorCode !== undefined)?.errorCode;
  const violations = details.flatMap((detail) => detail.fieldViolations ?? []);
  const blamesToken =
    BLAMES_TOKEN.test(message) ||
    violations.some(({ field, description }) => field === 'message.token' && BLAMES_TOKEN.test(description));
  return { ...(code && { code }), blamesToken };
}

function judgeCode(code: FcmCode, judged: Judged): SendOutcome {
  const { answer, now } = judged;
  switch (code) {
    case 'UNREGISTERED':
      // The app was removed from the device or its registration token expired: it never comes back.
      return { kind: 'rejected', reason: code, diedAt: now, suspect: false, answer };
    case 'SENDER_ID_MISMATCH':
      // The pushkey belongs to another Firebase project. If it is our project that is wrong, every pushkey looks so.
      return { kind: 'rejected', reason: code, diedAt: now, suspect: true, answer };
    case 'INVALID_ARGUMENT':
      return invalidArgument(judged);
    case 'THIRD_PARTY_AUTH_ERROR':
      // The APNs key or web push credential in the Firebase project is wrong: no push of this app works.
      return { kind: 'parked', reason: code, answer };
    case 'QUOTA_EXCEEDED':
      return quotaExceeded(judged);
    case 'UNAVAILABLE':
    case 'INTERNAL':
      // FCM is overloaded or failed: it asks for a later attempt.
      return tryLater(judged);
    default:
      return code satisfies never;
  }
}

function judgeStatus(judged: Judged): SendOutcome {
  const { answer } = judged;
  const status = judged.result.status;
  if (status >= 500 || status === 408) {
    // Something before or in FCM failed (502 and 504 come as HTML): it will come back.
    return tryLater(judged);
  }
  switch (status) {
    case 400:
      return invalidArgument(judged);
    case 401: // the access token is refused even when new
    case 403: // the service account may not send for this project, or the API is disabled
    case 404: // no such project: without UNREGISTERED it says nothing about the pushkey
      return { kind: 'parked', reason: answer.reason, answer };
    case 429:
      return quotaExceeded(judged);
    default:
      // FCM never redirects: the configured url is another service's, and no push can work.
      // Any other 4xx (413, ...) is about this request, and would be the same next time.
      return { kind: status < 400 ? 'parked' : 'undeliverable', reason: answer.reason, answer };
  }
}

function invalidArgument({ error, answer, now }: Judged): SendOutcome {
  if (error.blamesToken) {
    // Not a registration token at all, says FCM: it can never be delivered to.
    return { kind: 'rejected', reason: 'invalid-registration-token', diedAt: now, suspect: false, answer };
  }
  // Something in this payload (a reserved data key, an option of fcm_options): the pushkey is fine.
  return { kind: 'undeliverable', reason: answer.reason, answer };
}

function quotaExceeded({ answer, result, now }: Judged): Deferred {
  // The quota is the project's (600,000 a minute): every other push of this app would only be refused too.
  const namedMs = parseRetryAfter(result.headers['retry-after'], now);
  const quota = namedMs === undefined ? {} : { namedMs };
  return { kind: 'deferred', reason: answer.reason, scope: 'app', retryAfterMs: namedMs ?? QUOTA_RETRY_MS, quota, answer };
}

function tryLater({ answer, result, now }: Judged): Deferred {
  const retryAfterMs = atLeastMinimum(parseRetryAfter(result.headers['retry-after'], now));
  return { kind: 'deferred', reason: answer.reason, scope: 'push', retryAfterMs, answer };
}

function atLeastMinimum(retryAfterMs: number | undefined): number {
  return Math.max(retryAfterMs ?? 0, MIN_RETRY_MS);
}
