import { Queue } from 'bullmq';
import { EVENTS_KEPT } from './add-job-lua';
import type { RedisClient } from './connect-redis';
import { createAppGate, type AppGate } from './app-gate';
import { appKeyBase, NEWEST_COUNTS, queueName } from './keyspace';
import { createJobsView, type JobsView } from './job-view';
import { readQueueLedger, sumBalances, type Balance } from './ledger';
import { allJobs } from './partitions/all-jobs';
import { createAllGates } from './partitions/all-gates';
import { readQueueKeys } from './partitions/known-partitions';
import { WAITING_SINCE } from './replay/replay-lua';

/** Jobs of an app by state, and since when the oldest one waits. */
export interface QueueCounts {
  /** Ready to be taken, both lanes. */
  readonly waiting: number;
  readonly delayed: number;
  readonly active: number;
  /** Dead letters. */
  readonly failed: number;
  /** Age of the oldest waiting job, in milliseconds; 0 when none waits. */
  readonly oldestWaitingMs: number;
  readonly paused: boolean;
}

/** What an app has in its queue, seen from outside: counts, gate, books. Jobs are taken by workers. All its partitions together. */
export interface AppQueue {
  readonly appKey: string;
  readonly gate: AppGate;
  /** The jobs themselves, without what they carry. */
  readonly jobs: JobsView;
  counts(): Promise<QueueCounts>;
  /** The app's books (see ledger.ts), of what was accepted from the hour of `since` on (milliseconds since the epoch). */
  ledger(since?: number): Promise<Balance>;
  /** Each of its queues. */
  queues(): Promise<readonly OneQueue[]>;
  close(): Promise<void>;
}

/** One queue of an app: a partition, or all there is. */
export interface OneQueue extends Omit<AppQueue, 'appKey' | 'queues'> {
  /** Its queue key. */
  readonly key: string;
  /** Whether no newer update of the counts than dispatch `id` was accepted for the device. */
  isNewestCounts(deviceHash: string, id: string): Promise<boolean>;
}

export interface QueueOptions {
  readonly prefix: string;
  readonly redis: RedisClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onError: (error: Error) => void;
  /** Pushes at once, in all dispatchers, at which an app that recovers from an outage counts as open. */
  readonly fullWidth?: number;
}

export interface AppQueueOptions extends QueueOptions {
  readonly appKey: string;
}

/** Every look finds what partitions the app has, or had: they may change meanwhile. */
export function createAppQueue({ appKey, ...options }: AppQueueOptions): AppQueue {
  const known = new Map<string, OneQueue>();
  const queueOf = (key: string): OneQueue => {
    let queue = known.get(key);
    if (!queue) known.set(key, (queue = createOneQueue(key, options)));
    return queue;
  };
  queueOf(appKey);
  const queues = async (): Promise<OneQueue[]> => (await readQueueKeys(options, appKey)).map(queueOf);
  return {
    appKey,
    queues,
    gate: createAllGates({
      find: async () => (await queues()).map(({ gate }) => gate),
      known: () => [...known.values()].map(({ gate }) => gate),
    }),
    jobs: allJobs(async () => (await queues()).map(({ jobs }) => jobs)),
    counts: async () => sumCounts(await Promise.all((await queues()).map((queue) => queue.counts()))),
    ledger: async (since) => sumBalances(await Promise.all((await queues()).map((queue) => queue.ledger(since)))),
    async close() {
      await Promise.all([...known.values()].map((queue) => queue.close()));
    },
  };
}

function sumCounts(counts: readonly QueueCounts[]): QueueCounts {
  const sum = (count: (of: QueueCounts) => number): number => counts.reduce((all, each) => all + count(each), 0);
  return {
    waiting: sum(({ waiting }) => waiting),
    delayed: sum(({ delayed }) => delayed),
    active: sum(({ active }) => active),
    failed: sum(({ failed }) => failed),
    oldestWaitingMs: Math.max(...counts.map(({ oldestWaitingMs }) => oldestWaitingMs)),
    paused: counts.some(({ paused }) => paused),
  };
}

/** @param key - its queue key: see keyspace.ts */
export function createOneQueue(key: string, { prefix, redis, now, onError, fullWidth }: QueueOptions): OneQueue {
  const base = appKeyBase(prefix, key);
  const queue = new Queue(queueName(key), {
    connection: redis,
    prefix,
    skipWaitingForReady: true,
    streams: { events: { maxLen: EVENTS_KEPT } },
  });
  queue.on('error', onError);

  /** Its acceptance, or its return by a replay. */
  const waitsSince = async (id: string | undefined): Promise<number | undefined> => {
    const [returned, accepted] = id === undefined ? [] : await redis.hmget(`${base}${id}`, WAITING_SINCE, 'timestamp');
    const since = returned ?? accepted ?? undefined;
    return since === undefined ? undefined : Number(since);
  };
  const oldestWaitingMs = async (): Promise<number> => {
    // At one end of the list: its tail, or, while the freshest go first (see admission-script.ts), its head.
    const [tail, head, low] = await Promise.all([
      redis.lindex(`${base}wait`, -1),
      redis.lindex(`${base}wait`, 0),
      redis.zrange(`${base}prioritized`, '0', '0'),
    ]);
    const times = await Promise.all([waitsSince(tail ?? undefined), waitsSince(head ?? undefined), waitsSince(low[0])]);
    const oldest = Math.min(...times.map((time) => time ?? now()));
    return Math.max(0, now() - oldest);
  };

  return {
    key,
    gate: createAppGate({ redis, base, now, ...(fullWidth !== undefined && { fullWidth }) }),
    jobs: createJobsView(queue),
    async counts() {
      const [jobs, paused, oldest] = await Promise.all([
        queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'failed'),
        queue.isPaused(),
        oldestWaitingMs(),
      ]);
      const count = (state: string): number => jobs[state] ?? 0;
      return {
        waiting: count('waiting') + count('prioritized'),
        delayed: count('delayed'),
        active: count('active'),
        failed: count('failed'),
        oldestWaitingMs: oldest,
        paused,
      };
    },
    ledger: (since) => readQueueLedger({ redis, prefix, appKey: key, now: now(), ...(since !== undefined && { since }) }),
    async isNewestCounts(deviceHash, id) {
      const newest = await redis.get(`${base}${NEWEST_COUNTS}${deviceHash}`);
      return newest === null || newest.endsWith(`:${id}`);
    },
    close: () => queue.close(),
  };
}
