import { logOutcome, type DispatcherMetrics, type FinalOutcome, type Logger } from '@reveille/observability';
import type { Dispatch, ProviderAnswer } from '@reveille/provider';
import type { AppGate, DeadLetter, DispatchJob, JobVerdict } from '@reveille/queue';
import { nextAttempt, type DispatchOutcome, type RetryPolicy } from '@reveille/relay';
import type { CircuitBreaker } from './circuit-breaker';
import { processUnreadable } from './process-unreadable';

/** What processing a job of one app needs; `start-dispatcher.ts` wires it. */
export interface ProcessDeps {
  readonly appKey: string;
  /** Step 5, wired. */
  readonly dispatch: (dispatch: Dispatch) => Promise<DispatchOutcome>;
  readonly gate: AppGate;
  readonly breaker: CircuitBreaker;
  readonly retry: RetryPolicy;
  readonly now: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
  readonly metrics: DispatcherMetrics;
  readonly logger: Logger;
}

/** How long an app is held when its provider names a quota without saying how long, in milliseconds. */
const HOLD_MS = 60_000;

/** Delay after a defect of the provider library that hits every push, in milliseconds. */
const FAULT_DELAY_MS = 1000;

/**
 * Step 4 of a notification's way: a job to an outcome, and the outcome to what becomes of the job. Throws only what Redis
 * throws; the worker then repeats the attempt.
 */
export async function processDispatch(job: DispatchJob, deps: ProcessDeps): Promise<JobVerdict> {
  const { dispatch } = job;
  if (dispatch === undefined) {
    return processUnreadable(job.unreadable ?? { reason: 'unreadable' }, deps);
  }
  const attemptEnded = deps.metrics.attemptStarted(deps.appKey);
  const startedAt = deps.now();
  let outcome: DispatchOutcome;
  try {
    outcome = await deps.dispatch(dispatch);
  } finally {
    attemptEnded();
  }
  const answer = 'answer' in outcome ? outcome.answer : undefined;
  if (answer) deps.metrics.providerAnswered(deps.appKey, answer);
  if (await deps.breaker.saw({ outcome, startedAt })) {
    deps.logger.error({ app: deps.appKey, reason: reasonOf(outcome) }, 'provider out: the app waits and probes');
  }
  return decide(outcome, { dispatch, attempts: job.attemptsMade + 1, isReplayed: job.isReplayed, ...(answer && { answer }) }, deps);
}

interface Attempt {
  readonly dispatch: Dispatch;
  /** This one included. */
  readonly attempts: number;
  readonly isReplayed: boolean;
  readonly answer?: ProviderAnswer;
}

async function decide(outcome: DispatchOutcome, attempt: Attempt, deps: ProcessDeps): Promise<JobVerdict> {
  switch (outcome.kind) {
    case 'delivered':
      await opensGate(deps);
      return end('delivered', outcome.answer.reason, attempt, deps);
    case 'rejected':
      if (outcome.suspect) deps.metrics.suspectRejection(deps.appKey, outcome.reason);
      // A verdict on a pushkey is one on our credential too: the provider took it.
      if (outcome.answer) await opensGate(deps);
      return end('rejected', outcome.reason, attempt, deps);
    case 'skipped':
      return end('skipped', outcome.reason, attempt, deps);
    case 'superseded':
      return end('superseded', 'superseded', attempt, deps);
    case 'expired':
      return bury('expired', 'deadline', attempt, deps);
    case 'undeliverable':
      if (outcome.answer) await opensGate(deps);
      return bury('dead', outcome.reason, attempt, deps);
    case 'parked':
      // Nothing is wrong with this push: it waits with all the others of its app, without using up an attempt.
      if (await deps.gate.park(outcome.reason)) {
        deps.logger.error({ app: deps.appKey, reason: outcome.reason }, 'app parked: its credential, topic or project is refused');
      }
      return { kind: 'put-back' };
    case 'deferred':
      return defer(outcome, attempt, deps);
    case 'held-back':
      if (outcome.rejection?.suspect) deps.metrics.suspectRejection(deps.appKey, outcome.rejection.reason);
      // Believed or not: a verdict on a pushkey is one on our credential too.
      if (outcome.answer) await opensGate(deps);
      return retryLater(outcome, attempt, deps);
    case 'over-quota':
      // The provider was not asked: no attempt.
      return outcome.waitMs === undefined ? { kind: 'put-back' } : { kind: 'wait', delayMs: outcome.waitMs };
    case 'faulted':
      return judgeFault(outcome.reason, deps);
    default:
      return outcome satisfies never;
  }
}

/** A defect of the provider library. While all pushes fail so it is not this one's doing, and it is not on the way to being poison. */
function judgeFault(reason: string, { gate }: ProcessDeps): JobVerdict {
  return gate.current?.out === undefined ? { kind: 'fault', reason } : { kind: 'retry', delayMs: FAULT_DELAY_MS, reason };
}

async function defer(
  outcome: Extract<DispatchOutcome, { kind: 'deferred' }>,
  attempt: Attempt,
  deps: ProcessDeps,
): Promise<JobVerdict> {
  const { reason, scope, retryAfterMs = scope === 'app' ? HOLD_MS : 0, quota } = outcome;
  const holdMs = quota?.holdMs ?? retryAfterMs;
  if (scope === 'app' && (await deps.gate.hold(reason, holdMs))) {
    deps.logger.warn({ app: deps.appKey, reason, hold_ms: holdMs }, 'app held: its provider asked for a pause');
  }
  return retryLater({ reason, retryAfterMs }, attempt, deps);
}

function retryLater(
  { reason, retryAfterMs }: { readonly reason: string; readonly retryAfterMs: number },
  attempt: Attempt,
  deps: ProcessDeps,
): JobVerdict {
  const { attempts, dispatch } = attempt;
  const next = nextAttempt(deps.retry, {
    attempts,
    now: deps.now(),
    deadline: dispatch.deadline,
    retryAfterMs,
    random: deps.random(),
  });
  if (next.kind === 'expired') return bury('expired', 'deadline', attempt, deps);
  deps.metrics.retryPlanned(deps.appKey, reason);
  deps.logger.debug(
    { dispatch_id: dispatch.id, device_hash: dispatch.deviceHash, reason, attempts, delay_ms: next.delayMs },
    'dispatch deferred',
  );
  return { kind: 'retry', delayMs: next.delayMs, reason, ...(attempt.answer && { answer: attempt.answer }) };
}

/** For a push that took its handlers with it once too often: the worker has set it apart. */
export function recordPoison(
  dispatch: Dispatch | undefined,
  { appKey, metrics, logger, now }: Pick<ProcessDeps, 'appKey' | 'metrics' | 'logger' | 'now'>,
): void {
  logger.error(
    { app: appKey, dispatch_id: dispatch?.id, device_hash: dispatch?.deviceHash },
    'a push that crashed or hung its handlers three times is a dead letter',
  );
  const sinceAcceptedMs = dispatch ? now() - dispatch.acceptedAt : 0;
  metrics.dispatchEnded(appKey, { outcome: 'dead', reason: 'poison', sinceAcceptedMs });
}

function reasonOf(outcome: DispatchOutcome): string {
  return 'reason' in outcome ? outcome.reason : outcome.kind;
}

/** A probing app whose provider answered a push in earnest runs again. */
async function opensGate({ gate, appKey, logger }: ProcessDeps): Promise<void> {
  if (await gate.worked()) logger.info({ app: appKey }, 'app runs again');
}

function end(outcome: Exclude<FinalOutcome, 'dead' | 'expired'>, reason: string, attempt: Attempt, deps: ProcessDeps): JobVerdict {
  record(outcome, reason, attempt, deps);
  return { kind: 'done', end: outcome, reason, ...(attempt.answer && { answer: attempt.answer }) };
}

/** Kept in the failed set, with what the provider said last. */
function bury(outcome: DeadLetter['outcome'], reason: string, attempt: Attempt, deps: ProcessDeps): JobVerdict {
  record(outcome, reason, attempt, deps);
  const { answer } = attempt;
  return {
    kind: 'dead',
    letter: {
      outcome,
      reason,
      ...(answer?.status !== undefined && { provider_status: answer.status }),
      ...(answer && { provider_reason: answer.reason }),
    },
  };
}

function record(outcome: FinalOutcome, reason: string, attempt: Attempt, deps: ProcessDeps): void {
  const { dispatch, attempts, answer, isReplayed } = attempt;
  const sinceAcceptedMs = deps.now() - dispatch.acceptedAt;
  // The time of a replayed one is that of an outage and of somebody's decision.
  deps.metrics.dispatchEnded(deps.appKey, { outcome, reason, ...(!isReplayed && { sinceAcceptedMs }) });
  logOutcome(deps.logger, {
    dispatchId: dispatch.id,
    deviceHash: dispatch.deviceHash,
    app: deps.appKey,
    outcome,
    reason,
    attempts,
    sinceAcceptedMs,
    ...(answer && { answer }),
  });
}
