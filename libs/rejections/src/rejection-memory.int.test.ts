import { startTestRedis, type RunningRedis } from '@reveille/testing';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { loadHashKey } from './hash-key';
import { createRejectionMemory, rejectionGuard } from './rejection-memory';

const TTL_MS = 30 * 24 * 3_600_000;
const DIED_AT = 1_795_333_200_000;
const NOW = DIED_AT + 60_000;

let server: RunningRedis;
let redis: Redis;
let base: string;

beforeAll(async () => {
  server = await startTestRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  await redis.quit();
  await server.stop();
});
beforeEach(() => {
  base = `${randomUUID()}:{a}:`;
});

const memory = () => createRejectionMemory({ redis, baseOf: () => base, ttlMs: TTL_MS });

/** Runs the guard as the admission does. */
async function isDead(pushkeyTs: number, now = NOW): Promise<boolean> {
  const script = `local base, device, pushkeyTs, now = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])\n${rejectionGuard.lua}`;
  return (await redis.eval(script, 1, base, 'device', pushkeyTs, now)) === 1;
}

it('knows nothing of a pushkey that nobody refused', async () => {
  expect(await memory().recall('a', 'device')).toBeUndefined();
  expect(await isDead(0)).toBe(false);
  expect(await redis.keys(`${base}*`)).toEqual([]);
});

it('tells a rejection again and again, and notes when', async () => {
  await memory().remember('a', 'device', { diedAt: DIED_AT, reason: 'Unregistered' });
  expect(await isDead(0)).toBe(true);
  expect(await isDead(DIED_AT - 1000, NOW + 5)).toBe(true);
  expect(await memory().recall('a', 'device')).toEqual({
    diedAt: DIED_AT, reason: 'Unregistered', firstTold: NOW, lastTold: NOW + 5, told: 2,
  });
});

it('ends after its time', async () => {
  await memory().remember('a', 'device', { diedAt: DIED_AT, reason: 'Unregistered' });
  expect(await redis.pttl(`${base}rejected:device`)).toBeGreaterThan(TTL_MS - 10_000);
  await isDead(0);
  expect(await redis.pttl(`${base}rejected:device`)).toBeGreaterThan(0);
});

it('lapses, for everybody, when the pushkey was set after its death', async () => {
  await memory().remember('a', 'device', { diedAt: DIED_AT, reason: 'Unregistered' });
  expect(await isDead(DIED_AT)).toBe(true);
  expect(await isDead(DIED_AT + 1000)).toBe(false);
  expect(await memory().recall('a', 'device')).toBeUndefined();
  expect(await isDead(0)).toBe(false);
});

it('takes the provider\'s later verdict for the true one', async () => {
  await memory().remember('a', 'device', { diedAt: DIED_AT, reason: 'BadDeviceToken' });
  await memory().remember('a', 'device', { diedAt: DIED_AT + 5000, reason: 'Unregistered' });
  expect(await memory().recall('a', 'device')).toEqual({ diedAt: DIED_AT + 5000, reason: 'Unregistered' });
});

it('forgets at an operator\'s word', async () => {
  await memory().remember('a', 'device', { diedAt: DIED_AT, reason: 'Unregistered' });
  expect(await memory().forget('a', 'device')).toBe(true);
  expect(await memory().forget('a', 'device')).toBe(false);
  expect(await isDead(0)).toBe(false);
});

it('rejects when Redis did not take the rejection', async () => {
  const full = await startTestRedis();
  const client = new Redis(full.url);
  await client.config('SET', 'maxmemory', '1');
  const small = createRejectionMemory({ redis: client, baseOf: () => base, ttlMs: TTL_MS });
  await expect(small.remember('a', 'device', { diedAt: DIED_AT, reason: 'x' })).rejects.toThrow(/OOM|EXECABORT/);
  await client.quit();
  await full.stop();
});

describe('the hash key', () => {
  it('is one for all processes', async () => {
    const prefix = randomUUID();
    const keys = await Promise.all(Array.from({ length: 8 }, () => loadHashKey(redis, prefix)));
    expect(new Set(keys.map((key) => key.toString('hex'))).size).toBe(1);
    expect(keys[0]).toHaveLength(32);
  });

  it('is put back into a Redis that came back empty', async () => {
    const prefix = randomUUID();
    const known = await loadHashKey(redis, prefix);
    await redis.del(`${prefix}:hash-key`);
    expect(await loadHashKey(redis, prefix, known)).toEqual(known);
    expect(await loadHashKey(redis, prefix)).toEqual(known);
  });
});
