/** When, if ever, a deferred dispatch is tried again. */
export type NextAttempt = { readonly kind: 'retry'; readonly delayMs: number } | { readonly kind: 'expired' };

export interface RetryPolicy {
  /** Upper bound of the first delay, in milliseconds; it doubles with each attempt. */
  readonly baseMs: number;
  /** Upper bound of every delay, in milliseconds. */
  readonly capMs: number;
}

export interface RetryContext {
  /** Attempts made so far, the failed one included. */
  readonly attempts: number;
  readonly now: number;
  readonly deadline: number;
  /** What the provider asked for, in milliseconds from now: never sooner. */
  readonly retryAfterMs?: number;
  /** A number in [0, 1). */
  readonly random: number;
}

/** Time that the last attempt is given before the deadline, in milliseconds: a round trip to the provider. */
const LAST_ATTEMPT_MS = 500;

/**
 * Exponential backoff with full jitter (the delay is anywhere between 0 and the bound, so that pushes which failed
 * together do not return together) above the provider's `Retry-After`, until the deadline: not a number of tries ends a
 * push but its age. A delay that would jump over the deadline is shortened to one last attempt just before it, unless the
 * provider forbids that.
 */
export function nextAttempt(policy: RetryPolicy, context: RetryContext): NextAttempt {
  const { attempts, now, deadline, retryAfterMs = 0, random } = context;
  const bound = Math.min(policy.capMs, policy.baseMs * 2 ** Math.min(attempts - 1, 30));
  const latest = deadline - LAST_ATTEMPT_MS - now;
  if (latest < retryAfterMs || latest <= 0) return { kind: 'expired' };
  const delayMs = Math.min(retryAfterMs + Math.floor(random * bound), latest);
  return { kind: 'retry', delayMs: Math.max(1, Math.floor(delayMs)) };
}
