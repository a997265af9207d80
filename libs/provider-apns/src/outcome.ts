import {
  parseRetryAfter,
  type Deferred,
  type Parked,
  type ProviderAnswer,
  type Rejected,
  type SendOutcome,
  type Undeliverable,
} from '@reveille/provider';

import type { ApnsAnswer } from './answer';
import { MIN_RENEWAL_MS } from './provider-token';

/** Until pushes go on with the JWT that Apple took before, in milliseconds: its gate has only just said "too many". */
const BACK_TO_ACCEPTED_MS = 60 * 1000;

type Answered = Extract<ApnsAnswer, { kind: 'answered' }>;

/**
 * How one attempt ended: each answer of Apple's ("Handling error responses from APNs") with its verdict. Pure.
 *
 * @param now milliseconds since the epoch.
 * @param hasAcceptedToken whether a JWT that Apple has taken is in use now.
 */
export function toOutcome(answer: ApnsAnswer, now: number, hasAcceptedToken: boolean): SendOutcome {
  switch (answer.kind) {
    case 'answered':
      return fromStatus(answer, now, hasAcceptedToken);
    case 'failed':
      // No verdict on the push: the same push may pass on the next connection. A copy that did arrive is replaced by
      // its collapse id.
      return { kind: 'deferred', reason: answer.failure, scope: 'push', answer: toProviderAnswer(answer) };
    case 'unsigned':
      // The key that passed the check at start cannot sign: an operator must look.
      return { kind: 'parked', reason: 'signing-failed', answer: toProviderAnswer(answer) };
    default:
      return answer satisfies never;
  }
}

function fromStatus(answer: Answered, now: number, hasAcceptedToken: boolean): SendOutcome {
  switch (answer.status) {
    case 200:
      return { kind: 'delivered', answer: toProviderAnswer(answer) };
    case 400:
      return fromBadRequest(answer, now);
    case 403:
      // Our certificate, key, team or JWT is refused, which no push can change. ExpiredProviderToken comes here only
      // after the client has tried once more with a new JWT.
      return parked(answer);
    case 404: // BadPath
    case 405: // MethodNotAllowed
    case 413: // PayloadTooLarge
      // Apple understood the request and will refuse it every time.
      return undeliverable(answer);
    case 410:
      return fromGone(answer, now);
    case 429:
      return fromTooMany(answer, now, hasAcceptedToken);
    default:
      // 500, 502, 503, 504: Apple's trouble, not the push's. Any other status is not Apple's (a proxy in between): no
      // verdict either, so nothing is burnt.
      return deferred(answer, now);
  }
}

function fromBadRequest(answer: Answered, now: number): SendOutcome {
  switch (answer.reason) {
    case 'BadDeviceToken':
      // Not a token, or one of the other environment (sandbox, production): no push will ever reach it here.
      return rejected(answer, now);
    case 'DeviceTokenNotForTopic':
      // The token belongs to another app. A wrong topic in our configuration looks the same: for the storm breaker.
      return { ...rejected(answer, now), suspect: true };
    case 'TopicDisallowed':
    case 'MissingTopic':
    case 'BadTopic':
      // The topic is ours, for every push of this app.
      return parked(answer);
    default:
      // Something in this push; the device token has not been judged.
      return undeliverable(answer);
  }
}

function fromGone(answer: Answered, now: number): SendOutcome {
  switch (answer.reason) {
    case 'Unregistered': // the app was uninstalled, or push was switched off
    case 'ExpiredToken':
      return rejected(answer, now);
    default:
      // 410 without Apple's reason may be a proxy's word: too little to unsubscribe a user.
      return undeliverable(answer);
  }
}

function fromTooMany(answer: Answered, now: number, hasAcceptedToken: boolean): Deferred {
  if (answer.reason === 'TooManyProviderTokenUpdates') {
    // Apple's 20 minutes are those of the next new JWT, not of the pushes: they go on with the one that it took before,
    // and must not expire meanwhile. Only without such a one nothing can pass until then.
    const floorMs = hasAcceptedToken ? BACK_TO_ACCEPTED_MS : MIN_RENEWAL_MS;
    const retryAfterMs = Math.max(floorMs, retryAfterOf(answer, now));
    return { ...deferred(answer, now), scope: 'app', retryAfterMs };
  }
  // TooManyRequests: too many pushes to this one device token; other devices are not concerned.
  return deferred(answer, now);
}

function rejected(answer: Answered, now: number): Rejected {
  const { reason, status, timestamp } = answer;
  // Apple's time of death, of a 410 only. Never in the future: a registration made since would be taken for dead.
  const diedAt = status === 410 && timestamp !== undefined ? Math.min(timestamp, now) : now;
  return { kind: 'rejected', reason, diedAt, suspect: false, answer: toProviderAnswer(answer) };
}

function deferred(answer: Answered, now: number): Deferred {
  const retryAfterMs = retryAfterOf(answer, now);
  return {
    kind: 'deferred',
    reason: answer.reason,
    scope: 'push',
    ...(retryAfterMs > 0 && { retryAfterMs }),
    answer: toProviderAnswer(answer),
  };
}

function parked(answer: Answered): Parked {
  return { kind: 'parked', reason: answer.reason, answer: toProviderAnswer(answer) };
}

function undeliverable(answer: Answered): Undeliverable {
  return { kind: 'undeliverable', reason: answer.reason, answer: toProviderAnswer(answer) };
}

/** Milliseconds from now; 0 when the answer names no time. */
function retryAfterOf({ retryAfter }: Answered, now: number): number {
  return retryAfter === undefined ? 0 : (parseRetryAfter(retryAfter, now) ?? 0);
}

function toProviderAnswer(answer: ApnsAnswer): ProviderAnswer {
  const { latencyMs } = answer;
  switch (answer.kind) {
    case 'answered':
      return { status: answer.status, reason: answer.reason, latencyMs };
    case 'failed':
      return { reason: answer.failure, latencyMs };
    case 'unsigned':
      return { reason: 'signing-failed', latencyMs };
    default:
      return answer satisfies never;
  }
}
