import type { Dispatch } from '@reveille/provider';
import { DelayedError, UnrecoverableError, WaitingError, Worker, type Job } from 'bullmq';
import type { RedisClient } from './connect-redis';
import type { DeadLetter } from './dead-letter';
import { describeEnd, historyEntry, withLastAnswer } from './attempt-history';
import { createDispatchCodec, type DispatchCodec, type UnreadableJob } from './dispatch-codec';
import type { Ending } from './finish-batches';
import type { AttemptAnswer, JobVerdict } from './job-verdict';
import type { End } from './ledger-lua';
import { createQuarantine } from './quarantine';
import type { SharedClock } from './shared-clock';
import { workerBackend } from './worker-backend';
import { appKeyBase, queueName } from './keyspace';

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

/** BullMQ's own limit would blame everything that was under way beside the cause: our quarantine looks closer. */
const MAX_STALLED = 1_000_000;
/** Delay after a handler that threw or hung, in milliseconds. */
const FAULT_RETRY_MS = 1000;
/** Pause before a worker asks again after Redis was away, in milliseconds (BullMQ: 15,000). */
const RECOVER_MS = 1000;
/** At the end: for Redis to take back what was not finished, in milliseconds. */
const PUT_BACK_MS = 2000;
/** Delay after a failure of our own (Redis away while a rejection was written), in milliseconds. */
const OWN_FAILURE_RETRY_MS = 1000;

/** Ends that are on their way to Redis at most. */
const MAX_ENDINGS = 10_000;

/** Attempts of which the time and the answer are kept with a job; a push of an hour has some seventy. */
const MAX_HISTORY = 20;

/** Ends an attempt that is to be repeated after `delayMs`. BullMQ stores the stack with the job: it is the history of its attempts. */
class RetryError extends Error {
  override readonly name = 'RetryError';
  constructor(
    reason: string,
    readonly delayMs: number,
    history: string,
  ) {
    super(reason);
    this.stack = history;
  }
}

/** Ends a job for good. BullMQ knows it by its base class. */
class DeadLetterError extends UnrecoverableError {
  constructor(letter: DeadLetter, history: string) {
    super(JSON.stringify(letter));
    this.stack = history;
  }
}

/** Starts taking jobs of one queue of an app. Step 4 of a notification's way calls `process` for each. */
export function createDispatchWorker(options: DispatchWorkerOptions): DispatchWorker {
  const codec = options.codec ?? createDispatchCodec();
  const timing = options.timing ?? TIMING;
  const queue = options.queue ?? options.appKey;
  const quarantine = createQuarantine({
    redis: options.redis,
    base: appKeyBase(options.prefix, queue),
    random: Math.random,
  });
  const underWay = new Map<string, Job>();
  const endings = new Map<string, Ending>();
  const replayed = new Set<string>();
  const remember = (job: Job, decision: Decision, decoded: Pick<DispatchJob, 'dispatch' | 'unreadable'>): void => {
    const { eventHash, deviceHash = '' } = decoded.dispatch ?? decoded.unreadable?.envelope ?? {};
    const remembered = describeEnd(decision, { attempts: job.attemptsMade + 1, now: options.clock.now(), stacktrace: job.stacktrace });
    if (options.explain === true && eventHash !== undefined && remembered !== undefined) {
      endings.set(job.id ?? '', { eventHash, deviceHash, remembered });
      // Those whose end came to nothing, because another worker had taken the job.
      dropOldest(endings, MAX_ENDINGS);
    }
  };
  let finished = 0;
  let closing = false;

  const judge = async (job: Job): Promise<Decision> => {
    const decoded = { ...codec.decode(options.appKey, job.id ?? '', job.data), isReplayed: replayed.delete(job.id ?? '') };
    const poison = (): Decision => {
      options.onPoison(decoded.dispatch);
      return { kind: 'dead', letter: { outcome: 'dead', reason: 'poison' } };
    };
    const decision = await decide(job, decoded, poison);
    remember(job, decision, decoded);
    return decision;
  };
  const decide = async (job: Job, decoded: Omit<DispatchJob, 'attemptsMade'>, poison: () => Decision): Promise<Decision> => {
    const suspicion = await quarantine.suspect(job);
    if (suspicion.kind === 'poison') return poison();
    if (suspicion.kind === 'wait') return delay(job, suspicion.delayMs);
    try {
      const verdict = await options.process({ ...decoded, attemptsMade: job.attemptsMade });
      if (verdict.kind !== 'fault') return verdict;
      if (await quarantine.fault(job)) return poison();
      return { kind: 'retry', delayMs: FAULT_RETRY_MS, reason: verdict.reason };
    } finally {
      if (suspicion.kind === 'alone') await suspicion.survived();
    }
  };

  const worker = new Worker(
    queueName(queue),
    async (job: Job) => {
      const id = job.id ?? '';
      underWay.set(id, job);
      try {
        const verdict = await judge(job);
        // After the grace of a shutdown the job was put back: this attempt does not decide it any more.
        if (!underWay.has(id)) throw new WaitingError();
        return await settle(job, verdict, options.clock.now());
      } finally {
        underWay.delete(id);
        if (closing) finished++;
      }
    },
    {
      connection: options.redis,
      prefix: options.prefix,
      concurrency: options.concurrency,
      lockDuration: timing.lockMs,
      lockRenewTime: timing.renewMs,
      stalledInterval: timing.stalledCheckMs,
      maxStalledCount: MAX_STALLED,
      runRetryDelay: RECOVER_MS,
      removeOnComplete: { count: 0 },
      // The index of the failed set must go with its jobs: they are removed in our own script (worker-backend.ts).
      removeOnFail: { count: -1 },
      settings: { backoffStrategy: (_attempts, _type, error) => (error instanceof RetryError ? error.delayMs : OWN_FAILURE_RETRY_MS) },
    },
    workerBackend({
      redis: options.redis,
      clock: options.clock,
      deadLetters: options.deadLetters,
      endings,
      replayed,
      isClosing: () => closing,
    }),
  );
  worker.on('error', options.onError);

  return {
    appKey: options.appKey,
    inFlight: () => underWay.size,
    setConcurrency(count = options.concurrency) {
      worker.concurrency = Math.min(options.concurrency, Math.max(1, count));
    },
    async close(graceMs) {
      closing = true;
      // Without Redis the worker's loop ends no sooner than the grace, and there is nothing to wait for.
      if (underWay.size === 0 && options.redis.status !== 'ready') {
        await worker.close(true);
        return { finished, putBack: 0 };
      }
      // Resolves when every job under way has ended, which has no bound of its own.
      const drained = worker.close().then(() => true);
      const inTime = await Promise.race([drained, after(graceMs)]);
      if (inTime) return { finished, putBack: 0 };
      const left = [...underWay.values()];
      underWay.clear();
      // A Redis that is away cannot take them back: they run again when their locks have ended.
      const moved = await Promise.race([Promise.allSettled(left.map((job) => job.moveToWait(job.token))), after(PUT_BACK_MS)]);
      return { finished, putBack: moved ? moved.filter(({ status }) => status === 'fulfilled').length : 0 };
    },
  };
}

/** A fault has become a repetition or an end by then. */
type Decision = Exclude<JobVerdict, { kind: 'fault' }>;

/** The verdict in BullMQ's words: it completes on return and decides everything else by the error that is thrown. */
async function settle(job: Job, verdict: Decision, now: number): Promise<End> {
  job.opts.stackTraceLimit = MAX_HISTORY;
  switch (verdict.kind) {
    case 'done':
      return verdict.end;
    case 'retry':
      throw new RetryError(verdict.reason, verdict.delayMs, historyEntry(now, verdict.reason, verdict.answer));
    case 'put-back':
      await job.moveToWait(job.token);
      throw new WaitingError();
    case 'wait':
      return delay(job, verdict.delayMs);
    case 'dead':
      throw new DeadLetterError(
        withLastAnswer(verdict.letter, job.stacktrace),
        historyEntry(now, verdict.letter.reason, answerOf(verdict.letter)),
      );
    default:
      return verdict satisfies never;
  }
}

function answerOf({ provider_status: status, provider_reason: reason }: DeadLetter): AttemptAnswer | undefined {
  return reason === undefined ? undefined : { reason, ...(status !== undefined && { status }) };
}

/** Takes up the job again later, without using up an attempt. */
async function delay(job: Job, delayMs: number): Promise<never> {
  await job.moveToDelayed(Date.now() + delayMs, job.token);
  throw new DelayedError();
}

function dropOldest(map: Map<string, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size > most && oldest !== undefined) map.delete(oldest);
}

function after(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(resolve, ms, false).unref());
}
