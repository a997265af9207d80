import type { Job, JobType, Queue } from 'bullmq';
import { readHistory, type Attempt } from './attempt-history';
import { parseDeadLetter, type DeadLetter } from './dead-letter';

/** Where a job can be in a queue of ours. */
export const JOB_STATES = ['active', 'waiting', 'prioritized', 'delayed', 'failed'] as const;
export type JobPlace = (typeof JOB_STATES)[number];

/** A job as it stands on Redis, without what it carries: no pushkey, no hash of one, no content. Times in milliseconds since the epoch. */
export interface JobView {
  readonly id: string;
  readonly acceptedAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  /** Milliseconds from its acceptance, or its last attempt, on. */
  readonly delayMs: number;
  readonly priority: number;
  readonly attempts: number;
  /** Deaths of workers with it in their hands. */
  readonly stalled: number;
  readonly letter?: DeadLetter;
  /** Oldest first. */
  readonly history: readonly Attempt[];
}

/** The jobs of a queue for whoever wants to see them as they are. */
export interface JobsView {
  counts(): Promise<Readonly<Record<JobPlace, number>>>;
  /** `first` and `last` are places in the order of BullMQ, both included. */
  list(places: readonly JobPlace[], first: number, last: number): Promise<readonly JobView[]>;
  find(id: string): Promise<{ readonly job: JobView; readonly place: string } | undefined>;
  isPaused(): Promise<boolean>;
}

export function createJobsView(queue: Queue): JobsView {
  return {
    async counts() {
      const found = await queue.getJobCounts(...JOB_STATES);
      const count = (place: JobPlace): number => found[place] ?? 0;
      return { active: count('active'), waiting: count('waiting'), prioritized: count('prioritized'), delayed: count('delayed'), failed: count('failed') };
    },
    async list(places, first, last) {
      const types: JobType[] = [...places];
      const ids = await queue.getRanges(types, first, last);
      const jobs = await Promise.all(ids.map((id) => read(queue, id)));
      // One that ended meanwhile is missing.
      return jobs.flatMap((job) => (job ? [toView(job)] : []));
    },
    async find(id) {
      const job = await read(queue, id);
      return job && { job: toView(job), place: await job.getState() };
    },
    isPaused: () => queue.isPaused(),
  };
}

/** Undefined: there is none, or its JSON is damaged; that must not hide those beside it. */
async function read(queue: Queue, id: string): Promise<Job | undefined> {
  try {
    return await queue.getJob(id);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function toView(job: Job): JobView {
  return {
    id: job.id ?? '',
    acceptedAt: job.timestamp,
    ...(job.processedOn !== undefined && { startedAt: job.processedOn }),
    ...(job.finishedOn !== undefined && { endedAt: job.finishedOn }),
    delayMs: job.delay,
    priority: job.priority,
    attempts: job.attemptsMade,
    stalled: job.stalledCounter,
    ...(job.failedReason && { letter: parseDeadLetter(job.failedReason) }),
    // Only what is ours: a stack of BullMQ's may quote anything.
    history: readHistory(JSON.stringify(job.stacktrace ?? [])),
  };
}
