import { Queue } from 'bullmq';
import { EVENTS_KEPT } from './add-job-lua';
import type { RedisClient } from './connect-redis';
import { createAppGate, type AppGate } from './app-gate';
import { appKeyBase, NEWEST_COUNTS, queueName } from './keyspace';
import { createJobsView, type JobsView } from './job-view';
import { readLedger, type Balance } from './ledger';
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

/** The queue of one configured app, seen from outside: counts, gate, newest counts. Jobs are taken by a worker. */
export interface AppQueue {
  readonly appKey: string;
  readonly gate: AppGate;
  /** The jobs themselves, without what they carry. */
  readonly jobs: JobsView;
  counts(): Promise<QueueCounts>;
  /** The app's books (see ledger.ts), of what was accepted from the hour of `since` on (milliseconds since the epoch). */
  ledger(since?: number): Promise<Balance>;
  /** Whether no newer update of the counts than dispatch `id` was accepted for the device. */
  isNewestCounts(deviceHash: string, id: string): Promise<boolean>;
  close(): Promise<void>;
}

export interface AppQueueOptions {
  readonly appKey: string;
  readonly prefix: string;
  readonly redis: RedisClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onError: (error: Error) => void;
  /** Pushes at once, in all dispatchers, at which an app that recovers from an outage counts as open. */
  readonly fullWidth?: number;
}

export function createAppQueue({ appKey, prefix, redis, now, onError, fullWidth }: AppQueueOptions): AppQueue {
  const base = appKeyBase(prefix, appKey);
  const queue = new Queue(queueName(appKey), {
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
    appKey,
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
    ledger: (since) => readLedger({ redis, prefix, appKey, now: now(), ...(since !== undefined && { since }) }),
    async isNewestCounts(deviceHash, id) {
      const newest = await redis.get(`${base}${NEWEST_COUNTS}${deviceHash}`);
      return newest === null || newest.endsWith(`:${id}`);
    },
    close: () => queue.close(),
  };
}
