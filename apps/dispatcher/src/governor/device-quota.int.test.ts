import { appKeyBase, connectWorker, createDeviceCounter, type DeviceLimit, type RedisClient } from '@reveille/queue';
import { makeQuota, type SimulatedQuota } from '@reveille/simulator';
import { useTestRedis } from '@reveille/testing';
import { randomUUID } from 'node:crypto';
import { createDeviceQuota, type DeviceQuota } from './device-quota';

const MINUTE_MS = 60_000;
/** FCM's. */
const LIMITS: readonly DeviceLimit[] = [
  { count: 240, perMs: MINUTE_MS },
  { count: 5000, perMs: 60 * MINUTE_MS },
];

let redis: RedisClient;
let time: number;
let quota: SimulatedQuota;
let calls: number;

useTestRedis(connectWorker, (client) => (redis = client));
beforeEach(() => {
  time = 1_795_333_200_000;
  calls = 0;
  quota = makeQuota(() => time);
});

function dispatchers(count: number, limits = LIMITS, isRedisThere = () => true): DeviceQuota[] {
  const base = appKeyBase('test', randomUUID());
  const now = (): number => time;
  const counter = createDeviceCounter({ redis, base, limits, now });
  const counted: typeof counter = {
    take(...args) {
      calls += 1;
      return counter.take(...args);
    },
  };
  return Array.from({ length: count }, () =>
    createDeviceQuota({ limits, counter: counted, dispatchers: () => count, isRedisThere, now, random: () => 0.5 }),
  );
}

/** A push to one device every so often (milliseconds), by the dispatchers in turn. Resolves with how many were sent, and refused. */
async function pour(among: readonly DeviceQuota[], everyMs: number, forMs: number): Promise<{ sent: number; refused: number }> {
  let [sent, refused] = [0, 0];
  for (let i = 0; i * everyMs < forMs; i++) {
    time += everyMs;
    const waitMs = await among[i % among.length]?.take('busy-device');
    if (waitMs !== undefined) continue;
    sent += 1;
    if (!quota.admits('busy-device')) refused += 1;
  }
  return { sent, refused };
}

test.each([1, 2, 4])('a device that gets too many, by %d dispatchers: what its limit admits, and no more', async (count) => {
  quota.set({ device: { count: 240, windowMs: MINUTE_MS, startsAt: time + 23_000 } });
  const { sent, refused } = await pour(dispatchers(count, LIMITS.slice(0, 1)), 100, 5 * MINUTE_MS);
  expect(sent).toBeGreaterThanOrEqual(0.9 * 5 * 240);
  expect(sent).toBeLessThanOrEqual(6 * 240);
  expect(refused / sent).toBeLessThanOrEqual(0.005);
});

test('what a device got before anybody counted it counts', async () => {
  const among = dispatchers(2, [{ count: 20, perMs: MINUTE_MS }]);
  const { sent } = await pour(among, 1, 100);
  expect(sent).toBe(20);
});

test('the limit of an hour', async () => {
  const limits = [{ count: 240, perMs: MINUTE_MS }, { count: 1000, perMs: 60 * MINUTE_MS }];
  const { sent } = await pour(dispatchers(2, limits), 1000, 60 * MINUTE_MS);
  expect(sent).toBeGreaterThanOrEqual(800);
  expect(sent).toBeLessThanOrEqual(1100);
});

test('a quiet device costs no call of Redis, however many others there are', () => {
  const [one] = dispatchers(1);
  let waits = 0;
  for (let i = 0; i < 100_000; i++) {
    time += i % 2;
    if (one?.take(`device-${i % 20_000}`) !== undefined) waits += 1;
  }
  expect(waits).toBe(0);
  expect(calls).toBe(0);
});

test('the other devices go on while one waits', async () => {
  const [one] = dispatchers(1);
  if (!one) throw new Error('no dispatcher');
  for (let i = 0; i < 300; i++) await one.take('busy-device');
  expect(await one.take('busy-device')).toBeGreaterThan(0);
  expect(one.take('other-device')).toBeUndefined();
});

test('while Redis is away a dispatcher keeps to its part', async () => {
  const [one] = dispatchers(2, LIMITS.slice(0, 1), () => false);
  if (!one) throw new Error('no dispatcher');
  let sent = 0;
  for (let i = 0; i < 600; i++) {
    time += 100;
    if ((await one.take('busy-device')) === undefined) sent += 1;
  }
  expect(calls).toBe(0);
  expect(sent).toBeGreaterThanOrEqual(100);
  expect(sent).toBeLessThanOrEqual(130);
});

test('a device that the provider refuses is left alone for a while', async () => {
  const [one] = dispatchers(1, []);
  if (!one) throw new Error('no dispatcher');
  expect(one.take('device')).toBeUndefined();
  one.refused('device', 7000);
  expect(await one.take('device')).toBeGreaterThanOrEqual(7000);
  expect(one.take('other-device')).toBeUndefined();
  time += 7001;
  expect(one.take('device')).toBeUndefined();
});

test('a device that gets many is told from one that gets few', async () => {
  const [one] = dispatchers(1);
  if (!one) throw new Error('no dispatcher');
  for (let i = 0; i < 20; i++) await one.take('busy-device');
  await one.take('quiet-device');
  expect(['busy-device', 'quiet-device', 'other-device'].map((device) => one.isBusy(device))).toEqual([true, false, false]);
});

test('what was not sent does not count', async () => {
  const [one] = dispatchers(1);
  if (!one) throw new Error('no dispatcher');
  for (let i = 0; i < 1000; i++) {
    expect(await one.take('device')).toBeUndefined();
    one.giveBack('device');
  }
});
