import { useTestRedis } from '@reveille/testing';
import { Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { createEnqueueDispatches } from './enqueue-dispatches';
import { appKeyBase, queueName } from './keyspace';
import { HOST_CLOCK } from './test-queue';
import { createWorkStep, type DoneJob } from './work-step';

/** BullMQ goes by the host's time. */
const NOW = Date.now();
const LOCK_MS = 30_000;

let redis: Redis;
let prefix: string;
useTestRedis(({ url }) => new Redis(url, { maxRetriesPerRequest: null }), (client) => (redis = client));
beforeEach(() => {
  prefix = `test-${randomUUID()}`;
});

const baseOf = (appKey: string): string => appKeyBase(prefix, appKey);
function stepOf(appKey: string) {
  const step = createWorkStep({ redis, base: baseOf(appKey), clock: { ...HOST_CLOCK, now: () => NOW }, lockMs: LOCK_MS });
  return (ended: readonly DoneJob[], count: number, low = count) => step(ended, { count, low });
}
const done = (job: DoneJob['job']): DoneJob => ({ job, end: 'delivered', ending: undefined });

/** The same pushes into two apps: two high, two low, one that is due and one that is not yet. */
async function fill(appKeys: readonly string[]): Promise<void> {
  for (const appKey of appKeys) {
    const dispatches = ['h1', 'h2', 'l1', 'l2', 'due', 'not-yet'].map((id) => ({
      id,
      kind: 'event' as const,
      acceptedAt: NOW,
      deadline: NOW + 3_600_000,
      deviceHash: 'device-hash',
      device: { appId: 'a', pushkey: 'p', defaultPayload: { kind: 'absent' as const } },
      notification: { userIsTarget: false, priority: id.startsWith('l') ? ('low' as const) : ('high' as const), counts: {} },
    }));
    const enqueue = createEnqueueDispatches({
      ...{ redis, prefix, guard: { lua: 'return false' }, duplicateWindowMs: 1000, timeoutMs: 2000, now: () => NOW },
      ...{ queueLimit: () => ({ count: 100, ageMs: 0 }), countsMaxAgeMs: () => 1000 },
    });
    expect((await enqueue(dispatches.map((dispatch) => ({ dispatch, appKey })))).ok).toBe(true);
    for (const [id, at] of [['due', NOW - 1], ['not-yet', NOW + 3_600_000]] as const) {
      await redis.lrem(`${baseOf(appKey)}wait`, 1, id);
      await redis.hset(`${baseOf(appKey)}${id}`, 'delay', '5');
      await redis.zadd(`${baseOf(appKey)}delayed`, at * 0x1000, id);
    }
  }
}

async function contentOf(key: string): Promise<unknown> {
  switch (await redis.type(key)) {
    case 'string':
      return key.endsWith(':lock') ? 'locked' : redis.get(key);
    case 'list':
      return redis.lrange(key, 0, -1);
    case 'zset':
      return redis.zrange(key, '0', '-1', 'WITHSCORES');
    default: {
      const { processedOn, data: _data, ...rest } = await redis.hgetall(key);
      return { ...rest, wasProcessed: processedOn !== undefined };
    }
  }
}
/** Everything of BullMQ's but its events, which nobody reads. */
async function everything(appKey: string): Promise<Record<string, unknown>> {
  const base = baseOf(appKey);
  const ours = /^(?:ledger|open$|trace|seen:|events$|gate$)/;
  const keys = (await redis.keys(`${base}*`)).map((key) => key.slice(base.length)).filter((key) => !ours.test(key));
  return Object.fromEntries(await Promise.all(keys.sort().map(async (key) => [key, await contentOf(base + key)] as const)));
}

function bullmqWorker(appKey: string): Worker {
  return new Worker(queueName(appKey), null, {
    ...{ connection: redis, prefix, autorun: false, lockDuration: LOCK_MS, removeOnComplete: { count: 0 } },
  });
}

it.each([1, 2, 4])('takes the first %i and ends them as a worker of BullMQ does', async (count) => {
  await fill(['ours', 'theirs']);
  const step = stepOf('ours');
  const { taken } = await step([], count);
  const worker = bullmqWorker('theirs');
  const jobs = [];
  for (let i = 0; i < count; i++) jobs.push(await worker.getNextJob(`token-${String(i)}`, { block: false }));
  expect(taken.map(({ id }) => id)).toEqual(jobs.map((job) => job?.id));
  expect(await everything('ours')).toEqual(await everything('theirs'));

  const { failures, taken: more } = await step(taken.map(done), 0);
  expect({ failures, more }).toEqual({ failures: [], more: [] });
  for (const [index, job] of jobs.entries()) await job?.moveToCompleted('delivered', `token-${String(index)}`, false);
  expect(await everything('ours')).toEqual(await everything('theirs'));
  await worker.close();
});

it('takes the lanes in their order, says when the next delayed one is due, and leaves nothing of what is done', async () => {
  await fill(['a']);
  const step = stepOf('a');
  const { taken, dueAt } = await step([], 10);
  expect(taken.map(({ id }) => id)).toEqual(['h1', 'h2', 'due', 'l1', 'l2']);
  expect(dueAt).toBe(NOW + 3_600_000);
  await step(taken.map(done), 0);
  expect(Object.keys(await everything('a')).sort()).toEqual(['delayed', 'id', 'marker', 'meta', 'not-yet']);
});

it('takes nothing of a queue that is paused, and no more than all workers may have at once', async () => {
  await fill(['a']);
  await redis.hset(`${baseOf('a')}meta`, 'concurrency', '3');
  const [one, other] = [stepOf('a'), stepOf('a')];
  const { taken } = await one([], 2);
  expect(taken).toHaveLength(2);
  expect((await other([], 2)).taken).toHaveLength(1);
  expect((await other([], 2)).taken).toHaveLength(0);
  expect((await one(taken.map(done), 2)).taken).toHaveLength(2);
  await redis.hset(`${baseOf('a')}meta`, 'paused', '1');
  expect((await other([], 2)).taken).toHaveLength(0);
});

it('wakes another worker for what it leaves', async () => {
  await fill(['a']);
  const marker = `${baseOf('a')}marker`;
  const step = stepOf('a');
  const { taken } = await step([], 5);
  await redis.del(marker);
  await step([], 5);
  expect(await redis.exists(marker)).toBe(0);
  await fill(['b']);
  await redis.del(`${baseOf('b')}marker`);
  await stepOf('b')([], 1);
  expect(await redis.zscore(`${baseOf('b')}marker`, '0')).toBe('0');
  expect(taken).toHaveLength(5);
});

it('ends a job only once, and only for the worker that has it', async () => {
  await fill(['a']);
  const step = stepOf('a');
  const { taken } = await step([], 3);
  const [first, second, third] = taken;
  if (!first || !second || !third) throw new Error('three were to be taken');
  await redis.set(`${baseOf('a')}${second.id}:lock`, 'another');
  await redis.del(`${baseOf('a')}${third.id}:lock`);
  const { failures } = await step([done(first), done(first), done(second), done(third)], 0);
  expect(failures.map(({ message }) => message)).toEqual([
    'job h1 could not be ended: the job is gone',
    'job h2 could not be ended: another worker has it',
    'job due could not be ended: its lock has ended',
  ]);
  expect(await redis.hget(`${baseOf('a')}ledger`, 'delivered')).toBe('1');
});

it('takes no more low ones than it has places for, and leaves them to another', async () => {
  await fill(['a']);
  await redis.del(`${baseOf('a')}marker`);
  const { taken, isLowFull } = await stepOf('a')([], 5, 1);
  expect(taken.map(({ id }) => id)).toEqual(['h1', 'h2', 'due', 'l1']);
  expect(isLowFull).toBe(true);
  expect(await redis.zscore(`${baseOf('a')}marker`, '0')).toBe('0');
  expect(await stepOf('a')([], 5, 1)).toMatchObject({ taken: [{ id: 'l2' }], isLowFull: false });
  expect(await stepOf('a')([], 5, 0)).toMatchObject({ taken: [], isLowFull: false });
});
