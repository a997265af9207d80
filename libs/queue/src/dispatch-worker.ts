import type { Dispatch } from '@reveille/provider';
import { describeEnd, historyEntry, withLastAnswer } from './attempt-history';
import type { RedisClient } from './connect-redis';
import type { DeadLetter } from './dead-letter';
import { createDispatchCodec, type DecodedJob, type DispatchCodec, type UnreadableJob } from './dispatch-codec';
import type { Ending } from './finish-batches';
import type { HandedJob } from './handed-job';
import { createHeldJobs } from './held-jobs';
import { createJobLoop } from './job-loop';
import { createJobMoves, type JobMoves } from './job-moves';
import type { AttemptAnswer, JobVerdict } from './job-verdict';
import { appKeyBase } from './keyspace';
import { createQuarantine } from './quarantine';
import { describeRedisFailure } from './redis-failure';
import type { SharedClock } from './shared-clock';
import { createWorkStep, type DoneJob } from './work-step';

/** One attempt at one job. */
export interface DispatchJob {
  /** Undefined: this process cannot read it. */
  readonly dispatch: Dispatch | undefined;
  /** Why it cannot. */
  readonly unreadable?: UnreadableJob | undefined;
  /** Attempts used up before this one. */
  readonly attemptsMade: number;
  /** A replay put it back into the queue: how long ago it was accepted says nothing of how fast pushes are sent. */
  readonly isReplayed: boolean;
}

export interface DispatchWorkerOptions {
  readonly appKey: string;
  /** Which queue of the app (see keyspace.ts). Default: its first. */
  readonly queue?: string;
  readonly prefix: string;
  /** How jobs are read; default: those in the clear only. */
  readonly codec?: DispatchCodec;
  /** A worker's connection (see connect-redis.ts); the blocking one is made from it. */
  readonly redis: RedisClient;
  readonly clock: SharedClock;
  /** Jobs under way at once in this process. */
  readonly concurrency: number;
  /** How long dead letters are kept. */
  readonly deadLetters: { readonly maxAgeMs: number; readonly maxCount: number };
  /** Decides the job; what it throws (Redis is away) puts the job back for another attempt. */
  readonly process: (job: DispatchJob) => Promise<JobVerdict>;
  /** A push that crashed or hung its handlers once too often: it is a dead letter. */
  readonly onPoison: (dispatch: Dispatch | undefined) => void;
  readonly onError: (error: Error) => void;
  /** Whether the end of a push is remembered for a while (see explain/). Default false. */
  readonly explain?: boolean;
  /** For tests, which cannot wait for the real locks to end. */
  readonly timing?: WorkerTiming;
}

/** The running worker of one queue. */
export interface DispatchWorker {
  readonly appKey: string;
  /** Jobs under way in this process. */
  inFlight(): number;
  /** Jobs under way at once from now on, at least 1; `undefined`: as configured. Jobs that are under way go on. */
  setConcurrency(count: number | undefined): void;
  /** Takes no more jobs, waits up to `graceMs` for those under way, puts the others back into the queue. */
  close(graceMs: number): Promise<{ readonly finished: number; readonly putBack: number }>;
}

/**
 * A job whose worker died runs again after this long, in milliseconds: the price of a `kill -9` is a push late by at most
 * lock and check interval together. A lock is renewed so often that a Redis which stands still for 20 s, and whose clock
 * runs on, finds no lock ended and no push sent twice.
 */
const TIMING: WorkerTiming = { lockMs: 30_000, renewMs: 8_000, stalledCheckMs: 5_000 };

/** Milliseconds. */
export interface WorkerTiming {
  readonly lockMs: number;
  readonly renewMs: number;
  readonly stalledCheckMs: number;
}

/** Delay after a handler that threw or hung, in milliseconds. */
const FAULT_RETRY_MS = 1000;
/** At the end: for Redis to take back what was not finished, in milliseconds. */
const PUT_BACK_MS = 2000;
/** Delay after a failure of our own (Redis away while a rejection was written), in milliseconds. */
const OWN_FAILURE_RETRY_MS = 1000;

/** Starts taking jobs of one queue of an app. Step 4 of a notification's way calls `process` for each. */
export function createDispatchWorker(options: DispatchWorkerOptions): DispatchWorker {
  const { appKey, queue = appKey, redis, clock, onError, concurrency } = options;
  const codec = options.codec ?? createDispatchCodec();
  const { lockMs, renewMs, stalledCheckMs } = options.timing ?? TIMING;
  const base = appKeyBase(options.prefix, queue);
  const quarantine = createQuarantine({ redis, base, random: Math.random });
  const moves = createJobMoves({ ...options, queue, lockMs, stalledCheckMs });
  const held = createHeldJobs({ extend: moves.extendLocks, onError, lockMs, renewMs });
  let finished = 0;
  let closing = false;

  const poison = (decoded: DecodedJob): Decision => {
    options.onPoison(decoded.dispatch);
    return { kind: 'dead', letter: { outcome: 'dead', reason: 'poison' } };
  };
  const judge = async (job: HandedJob, decoded: DecodedJob): Promise<Decision> => {
    const suspicion = await quarantine.suspect(job);
    if (suspicion.kind === 'poison') return poison(decoded);
    if (suspicion.kind === 'wait') return suspicion;
    try {
      const verdict = await options.process({ ...decoded, attemptsMade: job.attemptsMade, isReplayed: job.replay !== '' });
      if (verdict.kind !== 'fault') return verdict;
      if (await quarantine.fault(job)) return poison(decoded);
      return { kind: 'retry', delayMs: FAULT_RETRY_MS, reason: verdict.reason };
    } finally {
      if (suspicion.kind === 'alone') await suspicion.survived();
    }
  };
  /** What throws is a failure of ours. */
  const judgeSafely = (job: HandedJob, decoded: DecodedJob): Promise<Decision> =>
    judge(job, decoded).catch((error: unknown) => ({ kind: 'retry', delayMs: OWN_FAILURE_RETRY_MS, reason: describeRedisFailure(error) }));

  const endingOf = (job: HandedJob, decoded: DecodedJob, decision: Decision): Ending | undefined => {
    const { eventHash, deviceHash = '' } = decoded.dispatch ?? decoded.unreadable.envelope ?? {};
    if (options.explain !== true || eventHash === undefined) return undefined;
    const remembered = describeEnd(decision, { attempts: job.attemptsMade + 1, now: clock.now(), stacktrace: job.stacktrace });
    return remembered === undefined ? undefined : { eventHash, deviceHash, remembered };
  };

  const handle = async (job: HandedJob): Promise<DoneJob | undefined> => {
    held.add(job);
    const decoded = codec.decode(appKey, job.id, job.data);
    const decision = await judgeSafely(job, decoded);
    if (closing) finished++;
    // After the grace of a shutdown the job was put back: this attempt does not decide it any more.
    if (!held.has(job)) return undefined;
    held.delete(job);
    const ending = endingOf(job, decoded, decision);
    if (decision.kind === 'done') return { job, end: decision.end, ending };
    await move(moves, { job, decision, ending, now: clock.now() }).catch(onError);
    return undefined;
  };

  const loop = createJobLoop({
    step: createWorkStep({ redis, base, clock, lockMs }),
    untilWork: moves.untilWork,
    now: clock.now,
    handle,
    onError,
    places: concurrency,
  });

  /** What the grace did not suffice for. A Redis that is away cannot take it back: it runs again when its lock has ended. */
  const putBack = async (): Promise<number> => {
    const moved = await Promise.race([Promise.allSettled(held.takeAll().map(moves.putBack)), after(PUT_BACK_MS)]);
    return moved ? moved.filter(({ status }) => status === 'fulfilled').length : 0;
  };

  return {
    appKey,
    inFlight: () => held.size,
    setConcurrency: (count = concurrency) => loop.setPlaces(Math.min(concurrency, Math.max(1, count))),
    async close(graceMs) {
      closing = true;
      const drained = loop.drain().then(() => true);
      // Without Redis nothing ends, and there is nothing to wait for.
      const isHopeless = held.size === 0 && redis.status !== 'ready';
      const inTime = isHopeless || (await Promise.race([drained, after(graceMs)]));
      const count = inTime ? 0 : await putBack();
      held.stop();
      await moves.close();
      return { finished, putBack: count };
    },
  };
}

/** A fault has become a repetition or an end by then. */
type Decision = Exclude<JobVerdict, { kind: 'fault' }>;

interface Undone {
  readonly job: HandedJob;
  readonly decision: Exclude<Decision, { kind: 'done' }>;
  readonly ending: Ending | undefined;
  readonly now: number;
}

/** A job that is not done goes where the decision says. */
function move(moves: JobMoves, { job, decision, ending, now }: Undone): Promise<void> {
  switch (decision.kind) {
    case 'retry':
      return moves.retry(job, decision.reason, decision.delayMs, historyEntry(now, decision.reason, decision.answer));
    case 'put-back':
      return moves.putBack(job);
    case 'wait':
      return moves.delay(job, decision.delayMs);
    case 'dead': {
      const letter = withLastAnswer(decision.letter, job.stacktrace);
      return moves.bury(job, letter, historyEntry(now, decision.letter.reason, answerOf(decision.letter)), ending);
    }
    default:
      return decision satisfies never;
  }
}

function answerOf({ provider_status: status, provider_reason: reason }: DeadLetter): AttemptAnswer | undefined {
  return reason === undefined ? undefined : { reason, ...(status !== undefined && { status }) };
}

function after(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, ms, false).unref());
}
