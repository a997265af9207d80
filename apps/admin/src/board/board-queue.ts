import { BaseAdapter } from '@bull-board/api/dist/queueAdapters/base.js';
import type { JobCounts, JobState, JobStatus, QueueJob, QueueJobJson, QueueMetrics, Status } from '@bull-board/api/typings/app';
import { within } from '@reveille/observability';
import { JOB_STATES, type AppQueue, type JobPlace, type JobView } from '@reveille/queue';

/** What stands where a push's data would. */
const HIDDEN = 'hidden: whose device it is, and what people said';
/** An app whose slot of a Cluster is away is not shown. Milliseconds. */
const LOOK_MS = 1000;
/** Jobs of a page. */
const MAX_JOBS = 100;

/**
 * The queue of an app for bull-board: it only looks, and what it shows was chosen field by field. bull-board's own adapter
 * would hand out jobs as they are, with whatever they carry in options, reasons and stacks.
 */
export class BoardQueue extends BaseAdapter {
  private readonly appQueue: AppQueue;

  constructor(appQueue: AppQueue) {
    // Of the two kinds that it knows, the one whose flows of jobs it does not look for: there are none.
    super('bull', { readOnlyMode: true, allowRetries: false, allowCompletedRetries: false });
    this.appQueue = appQueue;
    this.setVisibilityGuard(() => within(appQueue.jobs.isPaused().then(() => true), LOOK_MS, false));
  }

  getName(): string {
    return this.appQueue.appKey;
  }

  async getJobCounts(): Promise<JobCounts> {
    const counts = await this.appQueue.jobs.counts();
    return { ...counts, completed: 0, paused: 0, 'waiting-children': 0, latest: 0 };
  }

  async getJobs(statuses: JobStatus[], first = 0, last = first + MAX_JOBS - 1): Promise<QueueJob[]> {
    const places = JOB_STATES.filter((place) => statuses.includes(place));
    const jobs = await this.appQueue.jobs.list(places, first, Math.min(last, first + MAX_JOBS - 1));
    return jobs.map((job) => toBoardJob(job, () => this.placeOf(job.id)));
  }

  async getJob(id: string): Promise<QueueJob | undefined> {
    const found = await this.appQueue.jobs.find(id);
    return found && toBoardJob(found.job, () => Promise.resolve(asState(found.place)));
  }

  isPaused(): Promise<boolean> {
    return this.appQueue.jobs.isPaused();
  }

  getStatuses(): Status[] {
    return ['latest', ...JOB_STATES];
  }

  getJobStatuses(): JobStatus[] {
    return [...JOB_STATES];
  }

  getJobLogs(): Promise<string[]> {
    return Promise.resolve([]);
  }

  getMetrics(): Promise<QueueMetrics> {
    return Promise.resolve({ meta: { count: 0, prevTS: 0, prevCount: 0 }, data: [], count: 0 });
  }

  getRedisInfo(): Promise<null> {
    return Promise.resolve(null);
  }

  getJobSchedulers(): Promise<[]> {
    return Promise.resolve([]);
  }

  getJobSchedulersCount(): Promise<number> {
    return Promise.resolve(0);
  }

  getGlobalConcurrency(): Promise<null> {
    return Promise.resolve(null);
  }

  // Everything that changes something: never called, since the routes are denied before (see create-board.ts).
  clean = denied;
  addJob = denied;
  pause = denied;
  resume = denied;
  empty = denied;
  obliterate = denied;
  promoteAll = denied;
  removeJobScheduler = denied;
  updateJobScheduler = denied;
  runJobSchedulerNow = denied;
  setGlobalConcurrency = denied;

  private async placeOf(id: string): Promise<JobState> {
    return asState((await this.appQueue.jobs.find(id))?.place ?? 'unknown');
  }
}

function denied(): Promise<never> {
  return Promise.reject(new Error('This view only looks'));
}

function asState(place: string): JobState {
  return JOB_STATES.find((known): known is JobPlace => known === place) ?? 'unknown';
}

function toBoardJob(job: JobView, getState: () => Promise<JobState>): QueueJob {
  return { opts: {}, promote: denied, remove: denied, retry: denied, getState, toJSON: () => toBoardJson(job) };
}

function toBoardJson({ id, acceptedAt, startedAt, endedAt, delayMs, priority, attempts, stalled, letter, history }: JobView): QueueJobJson {
  return {
    id,
    name: 'push',
    progress: 0,
    attemptsMade: attempts,
    timestamp: acceptedAt,
    ...(startedAt !== undefined && { processedOn: startedAt }),
    ...(endedAt !== undefined && { finishedOn: endedAt }),
    delay: delayMs,
    priority,
    stalledCounter: stalled,
    failedReason: letter ? [letter.outcome, letter.reason, letter.provider_status, letter.provider_reason].filter(Boolean).join(', ') : '',
    stacktrace: history.map(({ at, reason, status, provider_reason }) =>
      [new Date(at).toISOString(), reason, status, provider_reason].filter((part) => part !== undefined).join(' '),
    ),
    data: { hidden: HIDDEN },
    returnvalue: null,
    opts: {},
  };
}
