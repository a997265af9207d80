import { startTestRedis, type RunningRedis } from '@reveille/testing';
import type { Dispatch } from '@reveille/provider';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { createEnqueueDispatches, type AdmissionRequest, type EnqueueOptions } from './enqueue-dispatches';

const WINDOW_MS = 3_600_000;
const NOW = 1_795_333_200_000;

let server: RunningRedis;
let redis: Redis;
let prefix: string;

beforeAll(async () => {
  server = await startTestRedis();
  redis = new Redis(server.url);
});
afterAll(async () => {
  await redis.quit();
  await server.stop();
});
beforeEach(() => {
  prefix = `test-${randomUUID()}`;
});

const guard = { lua: "return redis.call('EXISTS', base .. 'dead:' .. device) == 1 and pushkeyTs < now" };

function enqueuer(options: Partial<EnqueueOptions> = {}) {
  return createEnqueueDispatches({
    redis,
    prefix,
    guard,
    duplicateWindowMs: WINDOW_MS,
    queueLimit: () => ({ count: 1000, ageMs: 0 }),
    countsMaxAgeMs: () => 600_000,
    timeoutMs: 2000,
    now: () => NOW,
    ...options,
  });
}

function dispatch(fields: Partial<Dispatch> = {}): Dispatch {
  return {
    id: randomUUID(),
    kind: 'event',
    acceptedAt: NOW,
    deadline: NOW + WINDOW_MS,
    deviceHash: 'device-hash',
    device: { appId: 'com.example.a', pushkey: 'pushkey', defaultPayload: { kind: 'absent' } },
    notification: { eventId: '$event', userIsTarget: false, priority: 'high', counts: {} },
    ...fields,
  };
}

function admission(fields: Partial<Dispatch> = {}, duplicateKey?: string): AdmissionRequest {
  return { dispatch: dispatch(fields), appKey: 'a', ...(duplicateKey !== undefined && { duplicateKey }) };
}

function queueOf(appKey: string): Queue {
  return new Queue(`{${appKey}}`, { connection: redis, prefix });
}

it('refuses more once the oldest that waits is too old, and takes it again when it is gone', async () => {
  let now = NOW;
  const enqueue = enqueuer({ now: () => now, queueLimit: () => ({ count: 1000, ageMs: 60_000 }) });
  const verdictOf = async () => {
    const result = await enqueue([admission()]);
    return result.ok && result.verdicts[0];
  };
  expect(await verdictOf()).toBe('accepted');
  now += 60_000;
  expect(await verdictOf()).toBe('accepted');
  now += 1;
  expect(await verdictOf()).toBe('queue-full');
  await redis.rpop(`${prefix}:{a}:wait`);
  expect(await verdictOf()).toBe('accepted');
});

it('tells how full the queue is', async () => {
  const fills: [string, number][] = [];
  const enqueue = enqueuer({ queueLimit: () => ({ count: 4, ageMs: 0 }), onFill: (appKey, fill) => fills.push([appKey, fill]) });
  await enqueue([admission()]);
  await enqueue([admission(), admission()]);
  await enqueue([admission(), admission()]);
  expect(fills).toEqual([['a', 0.25], ['a', 0.75], ['a', 1]]);
});

it('keeps the newer counts when an older request of the device arrives after them', async () => {
  const enqueue = enqueuer();
  const newest = async () => (await redis.get(`${prefix}:{a}:counts:device-hash`))?.split(':')[1];
  const [newer, older, latest] = [
    admission({ kind: 'counts', deadline: NOW + 2000 }),
    admission({ kind: 'counts', deadline: NOW + 1000 }),
    admission({ kind: 'counts', deadline: NOW + 3000 }),
  ];
  await enqueue([newer]);
  expect(await enqueue([older])).toMatchObject({ ok: true, verdicts: ['accepted'] });
  expect(await newest()).toBe(newer.dispatch.id);
  await enqueue([latest]);
  expect(await newest()).toBe(latest.dispatch.id);
});

it('accepts an event for a device once, also when it comes many times at once', async () => {
  const enqueue = enqueuer();
  const results = await Promise.all(Array.from({ length: 50 }, () => enqueue([admission({}, 'event-key')])));
  const verdicts = results.flatMap((result): readonly string[] => (result.ok ? result.verdicts : ['failed']));
  expect(verdicts.filter((verdict) => verdict === 'accepted')).toHaveLength(1);
  expect(verdicts.filter((verdict) => verdict === 'duplicate')).toHaveLength(49);
  expect(await queueOf('a').getWaitingCount()).toBe(1);
  expect(await redis.pttl(`${prefix}:{a}:seen:event-key`)).toBeGreaterThan(WINDOW_MS - 10_000);
});

it('accepts everything that has no duplicate key', async () => {
  const enqueue = enqueuer();
  const result = await enqueue([admission({ kind: 'counts' }), admission({ kind: 'counts' })]);
  expect(result).toEqual({ ok: true, verdicts: ['accepted', 'accepted'] });
});

it('remembers the newest update of the counts of a device', async () => {
  const newest = admission({ kind: 'counts' });
  await enqueuer()([admission({ kind: 'counts' }), newest]);
  expect(await redis.get(`${prefix}:{a}:counts:device-hash`)).toBe(`${newest.dispatch.deadline}:${newest.dispatch.id}`);
});

it('asks the guard first: a dead pushkey is neither queued nor marked as seen', async () => {
  await redis.set(`${prefix}:{a}:dead:device-hash`, '1');
  const result = await enqueuer()([admission({}, 'event-key'), admission({ deviceHash: 'other' }, 'other-key')]);
  expect(result).toEqual({ ok: true, verdicts: ['known-rejection', 'accepted'] });
  expect(await redis.exists(`${prefix}:{a}:seen:event-key`)).toBe(0);
});

it('hands pushkey_ts to the guard in milliseconds', async () => {
  await redis.set(`${prefix}:{a}:dead:device-hash`, '1');
  const device = { appId: 'a', pushkey: 'p', pushkeyTs: NOW / 1000 + 1, defaultPayload: { kind: 'absent' } } as const;
  expect(await enqueuer()([admission({ device })])).toEqual({ ok: true, verdicts: ['accepted'] });
});

it('refuses past the limit of the queue, without a mark, and takes again when there is room', async () => {
  const enqueue = enqueuer({ queueLimit: () => ({ count: 2, ageMs: 0 }) });
  const all = await enqueue([admission({}, '1'), admission({}, '2'), admission({}, '3')]);
  expect(all).toEqual({ ok: true, verdicts: ['accepted', 'accepted', 'queue-full'] });
  expect(await enqueue([admission({}, '1')])).toEqual({ ok: true, verdicts: ['duplicate'] });
  await queueOf('a').drain();
  expect(await enqueue([admission({}, '3')])).toEqual({ ok: true, verdicts: ['accepted'] });
});

it('queues hundreds of devices of several apps in one call, verdicts in their order', async () => {
  const many = Array.from({ length: 350 }, (_, index) => ({
    ...admission({ deviceHash: `d${index}` }, index % 7 === 0 ? 'same' : `key-${index}`),
    appKey: index % 2 === 0 ? 'even' : 'odd',
  }));
  const result = await enqueuer()(many);
  if (!result.ok) throw new Error(result.detail);
  expect(result.verdicts).toHaveLength(350);
  // The key `same` stands once in each of the two apps; every other one is its own.
  expect(result.verdicts.filter((verdict) => verdict === 'duplicate')).toHaveLength(50 - 2);
  expect(result.verdicts[0]).toBe('accepted');
});

it('refuses an event that its devices would multiply beyond measure', async () => {
  const notification = { ...dispatch().notification, content: { text: { body: 'x'.repeat(500_000) }, offersVideo: false } };
  const many = Array.from({ length: 200 }, () => admission({ notification }));
  expect(await enqueuer()(many)).toMatchObject({ ok: false, reason: 'too-large' });
});

it('gathers what comes at once into one run of the script, and gives everybody the own verdicts', async () => {
  const runs: string[] = [];
  const watched = redis.duplicate();
  const counting = new Proxy(watched, {
    get(target, name) {
      if (name === 'evalsha') runs.push('run');
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  const enqueue = enqueuer({ redis: counting });
  await enqueue([admission()]);
  runs.length = 0;
  const requests = Array.from({ length: 150 }, (_, index) => [
    admission({ deviceHash: `d${index}` }, `event-${index % 50}`),
    { ...admission({ deviceHash: `e${index}` }), appKey: 'b' },
  ]);
  const results = await Promise.all(requests.map(enqueue));
  // 150 admissions into each of two apps, 100 a run.
  expect(runs).toHaveLength(4);
  const verdicts = results.map((result) => (result.ok ? result.verdicts : []));
  expect(verdicts.slice(0, 50)).toEqual(Array(50).fill(['accepted', 'accepted']));
  expect(verdicts.slice(50)).toEqual(Array(100).fill(['duplicate', 'accepted']));
  await watched.quit();
});

it('works again after the server forgot its scripts', async () => {
  const enqueue = enqueuer();
  await enqueue([admission()]);
  await redis.script('FLUSH');
  expect(await enqueue([admission()])).toEqual({ ok: true, verdicts: ['accepted'] });
});

it('fails as data, with the code and nothing of the push, when Redis does not take writes', async () => {
  const small = await startTestRedis({ settings: { maxmemory: '512kb' } });
  const full = new Redis(small.url);
  const enqueue = enqueuer({ redis: full });
  expect(await enqueue([admission({}, 'lost')])).toEqual({ ok: false, reason: 'unavailable', detail: 'OOM' });
  await full.config('SET', 'maxmemory', '0');
  // Nothing was half done: the resend is not a duplicate.
  expect(await enqueue([admission({}, 'lost')])).toEqual({ ok: true, verdicts: ['accepted'] });
  await full.quit();
  await small.stop();
});

it('answers within its timeout while Redis hangs, and finds its late write as a duplicate', async () => {
  const own = await startTestRedis();
  const client = new Redis(own.url);
  const enqueue = enqueuer({ redis: client, timeoutMs: 100 });
  await enqueue([admission()]);
  own.pause();
  const hung = await enqueue([admission({}, 'late')]);
  own.resume();
  expect(hung).toEqual({ ok: false, reason: 'unavailable', detail: 'timeout' });
  expect(await enqueue([admission({}, 'late')])).toEqual({ ok: true, verdicts: ['duplicate'] });
  await client.quit();
  await own.stop();
});
