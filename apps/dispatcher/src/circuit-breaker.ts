import type { AppGate } from '@reveille/queue';
import { createOutageWatch, providerEvidence, RECOVERING, RUNNING, type DispatchOutcome, type OutageThreshold } from '@reveille/relay';

/** What an attempt showed of its app's provider. */
export interface SeenAttempt {
  readonly outcome: DispatchOutcome;
  /** When it began, in milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Stops an app in all dispatchers while its provider is out, instead of burning attempts on it. */
export interface CircuitBreaker {
  /** Notes an attempt; resolves with true when it made the breaker open. */
  saw(attempt: SeenAttempt): Promise<boolean>;
}

export interface CircuitBreakerOptions {
  readonly gate: Pick<AppGate, 'current' | 'interrupt'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The few pushes that ask whether an outage is over: the first that fails says no. */
const PROBING: OutageThreshold = { failures: 1, share: 0 };

export function createCircuitBreaker({ gate, now }: CircuitBreakerOptions): CircuitBreaker {
  const watch = createOutageWatch(now);
  let openedAt = -Infinity;
  return {
    async saw({ outcome, startedAt }) {
      const evidence = providerEvidence(outcome);
      // What was under way when some dispatcher opened the breaker, or closed it a little, fails late and says nothing of now.
      if (evidence === undefined || startedAt <= Math.max(openedAt, gate.current?.changed ?? 0)) return false;
      if (!watch.note(evidence, thresholdOf(gate.current))) return false;
      openedAt = now();
      return gate.interrupt(reasonOf(outcome));
    },
  };
}

function thresholdOf(current: AppGate['current']): OutageThreshold {
  if (current?.out === undefined) return RUNNING;
  return current.state === 'probing' ? PROBING : RECOVERING;
}

function reasonOf(outcome: DispatchOutcome): string {
  return outcome.kind === 'deferred' ? outcome.reason : outcome.kind;
}
