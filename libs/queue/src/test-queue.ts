import { useTestRedis, type RunningRedis } from '@reveille/testing';
import type { Dispatch } from '@reveille/provider';
import { Queue } from 'bullmq';
import type { RedisClient } from './connect-redis';
import { randomUUID } from 'node:crypto';
import { createAppQueue, type AppQueue } from './app-queue';
import { connectWorker } from './connect-redis';
import { createDispatchWorker, type DispatchJob, type DispatchWorker } from './dispatch-worker';
import { createEnqueueDispatches, type QueueLimit } from './enqueue-dispatches';
import type { JobVerdict } from './job-verdict';
import type { SharedClock } from './shared-clock';

interface Closable {
  close: () => Promise<unknown>;
}

/** The queue of an app `a` for one test file: a Redis of its own, a new prefix for each test, everything closed after it. */
export interface TestQueue {
  readonly redis: () => RedisClient;
  readonly prefix: () => string;
  readonly url: () => string;
  /** BullMQ's own view. */
  readonly queue: () => Queue;
  readonly appQueue: (now: () => number) => AppQueue;
  readonly work: (process: (job: DispatchJob) => Promise<JobVerdict>, concurrency?: number, clock?: SharedClock) => DispatchWorker;
  /** Ids of the jobs that the workers set apart as poison. */
  readonly poisoned: () => (string | undefined)[];
  /** Accepts dispatches; resolves with their ids. */
  readonly enqueue: (count: number, priority?: 'high' | 'low', fields?: Partial<Dispatch>) => Promise<string[]>;
  /** Accepts one dispatch with this limit of the queue; resolves with the verdicts. */
  readonly admit: (limit: QueueLimit) => Promise<readonly string[]>;
  /** Accepts dispatches of these ids; resolves with the verdicts. */
  readonly enqueueAgain: (ids: readonly string[]) => Promise<readonly string[]>;
}

/** As if all hosts had the same time. */
export const HOST_CLOCK: SharedClock = { now: Date.now, ahead: () => 0, synchronised: Promise.resolve(), stop: () => undefined };

export function useTestQueue(): TestQueue {
  let server: RunningRedis;
  let redis: RedisClient;
  let prefix = '';
  let poisoned: (string | undefined)[] = [];
  let opened: Closable[] = [];
  const keep = <T extends Closable>(one: T): T => {
    opened.push(one);
    return one;
  };

  useTestRedis(connectWorker, (client, started) => {
    redis = client;
    server = started;
  });
  beforeEach(() => {
    prefix = `test-${randomUUID()}`;
    poisoned = [];
  });
  afterEach(async () => {
    await Promise.all(opened.map((one) => one.close()));
    opened = [];
  });

  return {
    redis: () => redis,
    prefix: () => prefix,
    url: () => server.url,
    poisoned: () => poisoned,
    queue: () => keep(new Queue('{a}', { connection: redis, prefix })),
    appQueue: (now) => keep(createAppQueue({ appKey: 'a', prefix, redis, now, onError: () => undefined })),
    work(process, concurrency = 10, clock = HOST_CLOCK) {
      const worker = createDispatchWorker({
        appKey: 'a',
        prefix,
        redis,
        clock,
        concurrency,
        deadLetters: { maxAgeMs: 60_000, maxCount: 100 },
        process,
        onPoison: (dispatch) => poisoned.push(dispatch?.id),
        onError: () => undefined,
      });
      keep({ close: () => worker.close(1000) });
      return worker;
    },
    async enqueue(count, priority = 'high', fields = {}) {
      const dispatches = Array.from({ length: count }, () => ({ ...testDispatch(randomUUID(), priority), ...fields }));
      expect(await admit(dispatches)).toEqual(dispatches.map(() => 'accepted'));
      return dispatches.map(({ id }) => id);
    },
    admit: (limit) => admit([testDispatch(randomUUID(), 'high')], limit),
    enqueueAgain: (ids) => admit(ids.map((id) => testDispatch(id, 'high'))),
  };

  async function admit(dispatches: readonly Dispatch[], limit: QueueLimit = { count: 1e6, ageMs: 0 }): Promise<readonly string[]> {
    const enqueueDispatches = createEnqueueDispatches({
      redis,
      prefix,
      guard: { lua: 'return false' },
      duplicateWindowMs: 1000,
      queueLimit: () => limit,
      countsMaxAgeMs: () => 1000,
      timeoutMs: 2000,
      now: Date.now,
    });
    const result = await enqueueDispatches(dispatches.map((dispatch) => ({ dispatch, appKey: 'a' })));
    return result.ok ? result.verdicts : [result.reason];
  }
}

function testDispatch(id: string, priority: 'high' | 'low'): Dispatch {
  return {
    id,
    kind: 'event',
    acceptedAt: Date.now(),
    deadline: Date.now() + 60_000,
    deviceHash: 'h',
    device: { appId: 'a', pushkey: 'p', defaultPayload: { kind: 'absent' } },
    notification: { userIsTarget: false, priority, counts: {} },
  };
}
