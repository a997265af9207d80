import { Job, UnrecoverableError, Worker, type RedisQueueBackend } from 'bullmq';
import type { RedisClient } from './connect-redis';
import type { DeadLetter } from './dead-letter';
import { JOB_OPTIONS } from './add-job-lua';
import type { Ending } from './finish-batches';
import type { HandedJob } from './handed-job';
import { queueName } from './keyspace';
import type { SharedClock } from './shared-clock';
import { workerBackend } from './worker-backend';

/** Attempts of which the time and the answer are kept with a job; a push of an hour has some seventy. */
const MAX_HISTORY = 20;
/** BullMQ's own limit would blame everything that was under way beside the cause: our quarantine looks closer. */
const MAX_STALLED = 1_000_000;
/** How long a worker waits for a job before it looks by itself, in seconds: BullMQ's figures. */
const LOOK_AFTER_S = 5;
const LONGEST_WAIT_S = 10;
/** Pause before a worker asks again after Redis was away, in milliseconds. */
const RECOVER_MS = 1000;

export interface JobMovesOptions {
  /** The queue key (see keyspace.ts). */
  readonly queue: string;
  readonly prefix: string;
  readonly redis: RedisClient;
  readonly clock: SharedClock;
  readonly deadLetters: { readonly maxAgeMs: number; readonly maxCount: number };
  /** Milliseconds. */
  readonly lockMs: number;
  readonly stalledCheckMs: number;
  readonly onError: (error: Error) => void;
}

/**
 * What a worker does with a job beside taking and ending it (see work-script.ts), by BullMQ's own scripts. The promises reject when Redis does not
 * take the move: the job stays with this worker until its lock ends.
 */
export interface JobMoves {
  /** Another attempt after `delayMs`; `entry` tells of this one. */
  readonly retry: (job: HandedJob, reason: string, delayMs: number, entry: string) => Promise<void>;
  /** Into the failed set. */
  readonly bury: (job: HandedJob, letter: DeadLetter, entry: string, ending: Ending | undefined) => Promise<void>;
  /** Taken up again after `delayMs`, without an attempt used up. */
  readonly delay: (job: HandedJob, delayMs: number) => Promise<void>;
  /** Back to its place, without an attempt used up. */
  readonly putBack: (job: HandedJob) => Promise<void>;
  readonly extendLocks: (ids: string[], tokens: string[], lockMs: number) => Promise<string[]>;
  /** See JobLoopOptions. */
  readonly untilWork: (dueAt: number) => Promise<number>;
  /** Ends the waiting too. */
  readonly close: () => Promise<void>;
}

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

/** A worker of BullMQ's that takes no jobs: it looks after those whose workers died, waits for work, and moves jobs. */
export function createJobMoves(options: JobMovesOptions): JobMoves {
  const { redis, clock, onError } = options;
  const endings = new Map<string, Ending>();
  const makeBackend = workerBackend({ redis, clock, deadLetters: options.deadLetters, endings });
  let backend: RedisQueueBackend | undefined;
  const worker = new Worker(
    queueName(options.queue),
    null,
    {
      connection: redis,
      prefix: options.prefix,
      autorun: false,
      lockDuration: options.lockMs,
      stalledInterval: options.stalledCheckMs,
      maxStalledCount: MAX_STALLED,
      // The index of the failed set must go with its jobs: they are removed in our own script (worker-backend.ts).
      removeOnFail: { count: -1 },
      settings: { backoffStrategy: (_attempts, _type, error) => (error instanceof RetryError ? error.delayMs : RECOVER_MS) },
    },
    (...args) => (backend = makeBackend(...args)),
  );
  worker.on('error', onError);
  worker.startStalledCheckTimer().catch(onError);

  const jobOf = ({ id, priority, attemptsMade, stalledCounter, stacktrace }: HandedJob): Job => {
    const opts = { ...JOB_OPTIONS, ...(priority > 0 && { priority }), stackTraceLimit: MAX_HISTORY };
    const rest = { progress: 0, attemptsStarted: 0, timestamp: 0, failedReason: '', returnvalue: '' };
    return Job.fromJSON(worker, { ...rest, id, name: 'push', data: '{}', opts, attemptsMade, stalledCounter, priority, ...(stacktrace !== undefined && { stacktrace }) }, id);
  };
  let stopped = false;

  return {
    async retry(job, reason, delayMs, entry) {
      await jobOf(job).moveToFailed(new RetryError(reason, delayMs, entry), job.token, false);
    },
    async bury(job, letter, entry, ending) {
      if (ending) endings.set(job.id, ending);
      try {
        await jobOf(job).moveToFailed(new DeadLetterError(letter, entry), job.token, false);
      } finally {
        endings.delete(job.id);
      }
    },
    async delay(job, delayMs) {
      await jobOf(job).moveToDelayed(Date.now() + delayMs, job.token);
    },
    async putBack(job) {
      await jobOf(job).moveToWait(job.token);
    },
    extendLocks: (ids, tokens, lockMs) => worker.extendJobLocks(ids, tokens, lockMs),
    async untilWork(dueAt) {
      const waits = dueAt > 0 ? Math.min((dueAt - clock.now()) / 1000, LONGEST_WAIT_S) : LOOK_AFTER_S;
      if (stopped || backend === undefined || waits <= 0) return 0;
      try {
        const marker = await backend.waitForJob(Math.max(waits, backend.minimumBlockTimeout));
        return marker === null ? 0 : earlier(marker.score, dueAt);
      } catch (error) {
        if (!stopped) await reconnect(error);
        return 0;
      }
    },
    async close() {
      stopped = true;
      await worker.close(true);
    },
  };

  async function reconnect(error: unknown): Promise<void> {
    onError(error instanceof Error ? error : new Error(String(error)));
    await new Promise((resolve) => setTimeout(resolve, RECOVER_MS).unref());
    await backend?.reconnectBlocking().catch(onError);
  }
}

/** Of the time that the marker says and the one that was known; 0 or less: now. */
function earlier(score: number, dueAt: number): number {
  return dueAt > 0 ? Math.min(score, dueAt) : score;
}
