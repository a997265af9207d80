import type { Dispatch } from '@reveille/provider';
import { useTestRedis } from '@reveille/testing';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { createDispatchCodec } from './dispatch-codec';
import { createEnqueueDispatches, type AdmissionRequest, type EnqueueResult } from './enqueue-dispatches';

const NOW = 1_795_333_200_000;

let redis: Redis;
let prefix: string;
useTestRedis(({ url }) => new Redis(url), (client) => (redis = client));
beforeEach(() => {
  prefix = `test-${randomUUID()}`;
});

function enqueue(admissions: readonly AdmissionRequest[]): Promise<EnqueueResult> {
  return createEnqueueDispatches({
    redis: redis,
    prefix,
    guard: { lua: 'return false' },
    duplicateWindowMs: 3_600_000,
    queueLimit: () => ({ count: 1000, ageMs: 0 }),
    countsMaxAgeMs: () => 600_000,
    timeoutMs: 2000,
    now: () => NOW,
  })(admissions);
}

function dispatch(priority: 'high' | 'low'): Dispatch {
  return {
    id: randomUUID(),
    kind: 'event',
    acceptedAt: NOW,
    deadline: NOW + 3_600_000,
    deviceHash: 'device-hash',
    device: { appId: 'com.example.a', pushkey: 'pushkey', defaultPayload: { kind: 'absent' } },
    notification: { eventId: '$event', userIsTarget: false, priority, counts: {} },
  };
}

const queueOf = (appKey: string): Queue => new Queue(`{${appKey}}`, { connection: redis, prefix });

describe('adds the jobs that Queue.add would add', () => {
  const COUNT = 3;
  interface Case {
    readonly lane: 'high' | 'low';
    readonly how: string;
    /** Since when the provider is out. */
    readonly since: number | undefined;
    readonly isPaused: boolean;
    readonly concurrency?: number;
  }

  /** Everything of an app but what is ours, in a form that can be compared: times of streams are the server's. */
  async function everything(appKey: string): Promise<Record<string, unknown>> {
    const start = `${prefix}:{${appKey}}:`;
    const keys = (await redis.keys(`${start}*`)).map((key) => key.slice(start.length)).sort();
    const isOurs = (key: string): boolean => key.startsWith('ledger') || key === 'open' || key === 'gate';
    const entries = keys.filter((key) => !isOurs(key)).map(async (key) => [key, await contentOf(`${start}${key}`)] as const);
    return Object.fromEntries(await Promise.all(entries));
  }
  async function contentOf(key: string): Promise<unknown> {
    switch (await redis.type(key)) {
      case 'string':
        return redis.get(key);
      case 'list':
        return redis.lrange(key, 0, -1);
      case 'zset':
        return redis.zrange(key, '0', '-1', 'WITHSCORES');
      case 'stream':
        return (await redis.xrange(key, '-', '+')).map(([, fields]) => fields);
      default: {
        const { opts, version: _version, ...rest } = await redis.hgetall(key);
        // BullMQ repeats the id and the time among the options, where nothing reads them.
        const { jobId: _id, timestamp: _time, ...options } = JSON.parse(opts ?? '{}') as Record<string, unknown>;
        return { ...rest, options };
      }
    }
  }

  it.each<Case>([
    { lane: 'high', how: 'in an open queue', since: undefined, isPaused: false },
    { lane: 'low', how: 'in an open queue', since: undefined, isPaused: false },
    { lane: 'high', how: 'in a queue that does not run', since: undefined, isPaused: true },
    { lane: 'low', how: 'in a queue that does not run', since: undefined, isPaused: true },
    { lane: 'high', how: 'in a queue at its limit of active jobs', since: undefined, isPaused: false, concurrency: 0 },
    { lane: 'high', how: 'in an outage', since: NOW - 60_000, isPaused: false },
    { lane: 'low', how: 'in an outage', since: NOW - 60_000, isPaused: false },
  ])('$lane $how', async ({ lane, since, isPaused, concurrency }) => {
    const dispatches = Array.from({ length: COUNT }, () => dispatch(lane));
    const [ours, theirs] = [queueOf('ours'), queueOf('theirs')];
    await Promise.all([ours.waitUntilReady(), theirs.waitUntilReady()]);
    if (isPaused) await Promise.all([ours.pause(), theirs.pause()]);
    if (concurrency !== undefined) await Promise.all([ours, theirs].map((queue) => queue.setGlobalConcurrency(concurrency)));
    if (since !== undefined) await redis.hset(`${prefix}:{ours}:gate`, { out: since });

    const result = await enqueue(dispatches.map((each) => ({ dispatch: each, appKey: 'ours' })));
    expect(result).toEqual({ ok: true, verdicts: dispatches.map(() => 'accepted') });
    for (const each of dispatches) {
      await theirs.add('push', JSON.parse(createDispatchCodec().encode('a', each)) as unknown, {
        jobId: each.id,
        timestamp: NOW,
        attempts: 1_000_000,
        backoff: { type: 'outcome' },
        // While a provider is out the freshest go first.
        ...(lane === 'high' && since !== undefined && { lifo: true }),
        ...(lane === 'low' && { priority: since === undefined ? 1_000_000 : 999_940 }),
      });
    }
    expect(await everything('ours')).toEqual(await everything('theirs'));
    await Promise.all([ours.close(), theirs.close()]);
  });

  it('without events, which nobody reads, unless the queue is told to keep some', async () => {
    await enqueue([{ dispatch: dispatch('high'), appKey: 'a' }]);
    expect(await redis.exists(`${prefix}:{a}:events`)).toBe(0);
    expect(await redis.hget(`${prefix}:{a}:meta`, 'opts.maxLenEvents')).toBe('0');
    await redis.hset(`${prefix}:{a}:meta`, { 'opts.maxLenEvents': 10 });
    await enqueue([{ dispatch: dispatch('high'), appKey: 'a' }]);
    expect(await redis.xlen(`${prefix}:{a}:events`)).toBe(2);
  });
});
