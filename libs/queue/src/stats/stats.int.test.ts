import { eventuallyPasses, startTestRedis, useTestRedis } from '@reveille/testing';
import { randomUUID } from 'node:crypto';
import { connectWorker, type RedisClient } from '../connect-redis';
import { createStatsReader } from './stats-reader';
import { createStatsRecorder } from './stats-recorder';
import type { StatsReader, StatsRecorder } from './stats-types';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A full minute. */
const NOW = 1_800_000_000_000;

let redis: RedisClient;
let prefix: string;
let now: number;
let recorders: StatsRecorder[];

useTestRedis(connectWorker, (client) => (redis = client));
beforeEach(() => {
  prefix = `test-${randomUUID()}`;
  now = NOW;
  recorders = [];
});
afterEach(async () => {
  await Promise.all(recorders.map((recorder) => recorder.close()));
});

function recorder(): StatsRecorder {
  const one = createStatsRecorder({ redis, prefix, now: () => now });
  recorders.push(one);
  return one;
}
const reader = (): StatsReader => createStatsReader({ redis, prefix, now: () => now });

/** Counts at a time and writes it. */
async function record(at: number, count: (recorder: StatsRecorder) => void): Promise<void> {
  const before = now;
  now = at;
  const one = recorder();
  count(one);
  await one.close();
  now = before;
}

it('minutes of all processes together, gaps included', async () => {
  await record(NOW - 2 * MINUTE, (one) => one.count('a', 'accepted', 3));
  await record(NOW - 2 * MINUTE + 59_999, (one) => {
    one.count('a', 'accepted');
    one.delivered('a', 200);
    one.count('b', 'accepted', 100);
  });
  await record(NOW, (one) => one.count('a', 'dead', 2));
  const { minutes, totals } = await reader().read('a', { from: NOW - 3 * MINUTE, to: NOW });
  expect(minutes.map(({ at, accepted, delivered, dead }) => ({ at, accepted, delivered, dead }))).toEqual([
    { at: NOW - 3 * MINUTE, accepted: 0, delivered: 0, dead: 0 },
    { at: NOW - 2 * MINUTE, accepted: 4, delivered: 1, dead: 0 },
    { at: NOW - MINUTE, accepted: 0, delivered: 0, dead: 0 },
    { at: NOW, accepted: 0, delivered: 0, dead: 2 },
  ]);
  expect(minutes.map(({ timeToDelivery }) => timeToDelivery !== null)).toEqual([false, true, false, false]);
  expect(totals).toEqual({ accepted: 4, duplicates: 0, told: 0, delivered: 1, rejected: 0, skipped: 0, superseded: 0, expired: 0, dead: 2, retried: 0 });
});

it('the overview: rates of the last sixty seconds, percentiles of a quarter of an hour, answers of the hour', async () => {
  now = NOW + 30_000;
  await record(NOW - MINUTE, (one) => {
    one.count('a', 'accepted', 10);
    one.count('a', 'rejected', 2);
    one.count('a', 'dead', 3);
    one.count('a', 'expired', 4);
    for (let push = 0; push < 99; push += 1) one.delivered('a', 100);
    one.delivered('a', 10_000);
  });
  await record(NOW, (one) => one.count('a', 'accepted', 100));
  await record(NOW - 20 * MINUTE, (one) => {
    for (let push = 0; push < 1000; push += 1) one.delivered('a', 1_000_000);
    one.answered('a', { status: 410, reason: 'Unregistered' });
    one.answered('a', { status: 200, reason: 'Success' });
    one.answered('a', { status: 200, reason: 'Success' });
    one.answered('a', { reason: 'timeout' });
  });
  await record(NOW - 70 * MINUTE, (one) => one.answered('a', { status: 200, reason: 'Success' }));
  const { rates, timeToDelivery, answers } = await reader().overview('a');
  // Half a minute of each.
  expect(rates).toEqual({ accepted: 105, delivered: 50, rejected: 1, failed: 4 });
  expect(Math.abs((timeToDelivery?.p50 ?? 0) / 100 - 1)).toBeLessThan(0.1);
  expect(Math.abs((timeToDelivery?.p99 ?? 0) / 100 - 1)).toBeLessThan(0.1);
  expect(answers[0]).toEqual({ status: '200', reason: 'Success', count: 2 });
  expect(answers).toEqual(expect.arrayContaining([{ status: '410', reason: 'Unregistered', count: 1 }, { status: 'none', reason: 'timeout', count: 1 }]));
});

it('an app of which nothing is known', async () => {
  expect(await reader().overview('a')).toEqual({ rates: { accepted: 0, delivered: 0, rejected: 0, failed: 0 }, timeToDelivery: null, answers: [] });
  expect((await reader().read('a', { from: NOW - HOUR, to: NOW })).minutes).toHaveLength(61);
});

it('looks back 25 hours and no more, and not ahead', async () => {
  const { minutes } = await reader().read('a', { from: 0, to: NOW + HOUR });
  expect([minutes.length, minutes[0]?.at, minutes.at(-1)?.at]).toEqual([1500, NOW - 25 * HOUR + MINUTE, NOW]);
  expect((await reader().read('a', { from: NOW, to: NOW - HOUR })).minutes).toEqual([]);
});

it('what strangers answer makes no fields without end, and loses no count', async () => {
  const answers = Array.from({ length: 500 }, (_, index) => ({ status: 100 + index, reason: index % 2 ? 'Success' : `reason-${index}` }));
  await record(NOW, (one) => {
    one.answered('a', { status: 200, reason: 'Success' });
    for (let number = 0; number < 2000; number += 1) one.delivered('a', number ** 4);
  });
  for (let part = 0; part < 500; part += 50) await record(NOW, (one) => answers.slice(part, part + 50).forEach((answer) => one.answered('a', answer)));
  await record(NOW, (one) => one.answered('a', { status: 200, reason: 'Success' }));
  const [key = ''] = await redis.keys(`${prefix}:*`);
  const fields = await redis.hkeys(key);
  expect(fields.length).toBeLessThanOrEqual(401);
  expect(fields.filter((field) => field.startsWith('time:')).length).toBeLessThanOrEqual(151);
  const { answers: counted } = await reader().overview('a');
  expect(counted.reduce((sum, { count }) => sum + count, 0)).toBe(502);
  expect(counted).toContainEqual({ status: '200', reason: 'Success', count: 2 });
  expect(counted.filter(({ reason }) => reason.startsWith('reason-'))).toEqual([]);
  expect(counted[0]).toMatchObject({ status: 'other', reason: 'other' });
});

it('is forgotten after 25 hours', async () => {
  await record(NOW, (one) => one.count('a', 'accepted'));
  const [key = ''] = await redis.keys(`${prefix}:*`);
  expect(key).toBe(`${prefix}:{a}:stats:${NOW / MINUTE}`);
  expect(await redis.pttl(key)).toBeGreaterThan(24.9 * HOUR);
  expect(await redis.pttl(key)).toBeLessThanOrEqual(25 * HOUR);
});

it('is written without being closed, in one step for an app, and not more than once', async () => {
  const one = recorder();
  one.count('a', 'accepted', 2);
  one.delivered('a', 5);
  const read = async () => (await reader().read('a', { from: NOW, to: NOW })).totals;
  await eventuallyPasses(async () => expect(await read()).toMatchObject({ accepted: 2, delivered: 1 }));
  one.count('a', 'accepted');
  await one.close();
  expect(await read()).toMatchObject({ accepted: 3, delivered: 1 });
});

const hashesRead = async (): Promise<number> => Number(/cmdstat_hgetall:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);

it('minutes that are over are read once, those that may change are read again', async () => {
  const one = reader();
  await record(NOW - 20 * MINUTE, (each) => each.count('a', 'accepted'));
  await one.overview('a');
  await record(NOW, (each) => each.count('a', 'accepted', 5));
  // By a process that Redis had not answered for so long.
  await record(NOW - 10 * MINUTE, (each) => each.count('a', 'accepted', 3));
  await redis.config('RESETSTAT');
  const { totals } = await one.read('a', { from: NOW - HOUR, to: NOW });
  expect(totals.accepted).toBe(9);
  expect(await hashesRead()).toBe(12);
});

it('a whole day is read once, and in parts between which others have their turn', async () => {
  const pipeline = redis.pipeline();
  const fields = ['accepted', '7', ...Array.from({ length: 53 }, (_, index) => [`time:${index}`, '1']).flat()];
  for (let minute = 0; minute < 1440; minute += 1) pipeline.hset(`${prefix}:{a}:stats:${NOW / MINUTE - minute}`, ...fields);
  await pipeline.exec();
  const one = reader();
  const day = { from: NOW - 24 * HOUR + MINUTE, to: NOW };
  let turns = 0;
  const others = setInterval(() => (turns += 1), 0);
  const cold = await one.read('a', day);
  clearInterval(others);
  expect(cold.totals.accepted).toBe(1440 * 7);
  expect(turns).toBeGreaterThan(10);
  await redis.config('RESETSTAT');
  expect(await one.read('a', day)).toEqual(cold);
  await one.overview('a');
  expect(await hashesRead()).toBe(24);
});

it('what no recorder wrote is no count', async () => {
  await redis.hset(`${prefix}:{a}:stats:${NOW / MINUTE}`, 'accepted', '2', 'delivered', 'many', 'time:3', '1.5');
  const { minutes } = await reader().read('a', { from: NOW, to: NOW });
  expect(minutes).toEqual([expect.objectContaining({ accepted: 2, delivered: 0, timeToDelivery: null })]);
});

it('what Redis does not take is written later, each number once', async () => {
  const gone = await startTestRedis();
  const away = connectWorker({ url: gone.url });
  const one = createStatsRecorder({ redis: away, prefix, now: () => now });
  // Without room it refuses writes.
  await away.config('SET', 'maxmemory', '1');
  one.count('a', 'accepted', 2);
  await eventuallyPasses(async () => expect(Number(/cmdstat_eval(?:sha)?:calls=(\d+)/.exec(await away.info('commandstats'))?.[1] ?? 0)).toBeGreaterThan(0));
  one.count('a', 'accepted', 3);
  await away.config('SET', 'maxmemory', '0');
  await one.close();
  expect((await createStatsReader({ redis: away, prefix, now: () => now }).read('a', { from: NOW, to: NOW })).totals.accepted).toBe(5);
  await away.quit();
  await gone.stop();
});

it('a Redis that is away does not keep a process alive', async () => {
  const gone = await startTestRedis();
  const away = connectWorker({ url: gone.url });
  away.on('error', () => undefined);
  await away.ping();
  const one = createStatsRecorder({ redis: away, prefix, now: () => now });
  await gone.stop();
  one.count('a', 'accepted');
  await one.close();
  away.disconnect();
});
