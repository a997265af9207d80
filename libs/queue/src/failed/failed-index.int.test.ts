import { eventuallyPasses } from '@reveille/testing';
import { randomUUID } from 'node:crypto';
import { connectProducer, connectWorker } from '../connect-redis';
import { createDispatchCodec } from '../dispatch-codec';
import { createScript } from '../script';
import { settleOverdue } from '../settle-overdue';
import { useTestQueue } from '../test-queue';
import { catchUpFailed } from './catch-up';
import { failedIndexLua } from './failed-index-lua';
import { MAX_CAUSES } from './failed-keys';
import { createFailedPushes } from './failed-pushes';
import type { FailedPushes } from './failed-types';
import { putFailed, type PutPush } from './put-failed';
import { dispatch, FAILED_AT, push } from './test-failed';

const { redis, prefix, url, queue, work, enqueue } = useTestQueue();

const base = () => `${prefix()}:{a}:`;
const failedPushes = (): FailedPushes =>
  createFailedPushes({ redis: redis(), prefix: prefix(), apps: () => Promise.resolve(['a']), codec: createDispatchCodec() });
const settle = (now: number) =>
  settleOverdue({ redis: redis(), prefix: prefix(), appKey: 'a', deadLetters: { maxAgeMs: 3_600_000, maxCount: 1000 }, now: () => now });
const put = (...pushes: readonly PutPush[]) => putFailed({ redis: redis(), prefix: prefix(), appKey: 'a' }, pushes);
const totalOf = async (filter: Parameters<FailedPushes['search']>[0]) => (await failedPushes().search(filter, { limit: 1 })).total;

const DROP_ALL = createScript(`local base = KEYS[1]
${failedIndexLua}
for _, id in ipairs(redis.call('ZRANGE', failedKey, 0, -1)) do
  failedDrop(id)
  redis.call('ZREM', failedKey, id)
end`);

describe('kept by what fills the set', () => {
  it('has what a worker buries, with the history of its attempts, and what is settled, with what the provider said last', async () => {
    const [buried = ''] = await enqueue(1, 'high', { eventHash: 'e1' });
    const letter = { outcome: 'dead', reason: 'BadTopic', provider_status: 400, provider_reason: 'BadTopic' } as const;
    const first = work(() => Promise.resolve({ kind: 'dead', letter }));
    await eventuallyPasses(async () => expect(await queue().getFailedCount()).toBe(1));
    await first.close(1000);
    const deadline = Date.now() + 60_000;
    const [overdue = ''] = await enqueue(1, 'low', { eventHash: 'e2', deadline });
    const second = work(() => Promise.resolve({ kind: 'retry', delayMs: 3_600_000, reason: 'http', answer: { status: 503, reason: 'ServiceUnavailable' } }));
    await eventuallyPasses(async () => expect(await redis().zcard(`${base()}delayed`)).toBe(1));
    await second.close(1000);
    expect(await settle(deadline + 5000)).toHaveLength(1);

    const failed = failedPushes();
    const { items } = await failed.search({}, { limit: 10 });
    expect(items).toMatchObject([
      { id: overdue, app: 'a', outcome: 'expired', reason: 'deadline', providerStatus: 503, providerReason: 'ServiceUnavailable', attempts: 1, eventHash: 'e2', deviceHash: 'h', deadline, failedAt: deadline + 5000 },
      { id: buried, outcome: 'dead', reason: 'BadTopic', providerStatus: 400, attempts: 1, eventHash: 'e1' },
    ]);
    expect((await failed.search({ providerStatus: 503 }, { limit: 10 })).items.map(({ id }) => id)).toEqual([overdue]);
    expect(await failed.show('a', overdue)).toMatchObject({
      priority: 'low',
      kind: 'event',
      history: [{ at: expect.any(Number) as number, reason: 'http', status: 503, provider_reason: 'ServiceUnavailable' }],
    });
    expect(await failed.show('a', randomUUID())).toBeUndefined();
  });

  it('has the answer of an attempt before the one that found it expired', async () => {
    await enqueue(1);
    let tries = 0;
    work(() =>
      Promise.resolve(
        ++tries === 1
          ? { kind: 'retry', delayMs: 1, reason: 'http', answer: { status: 429, reason: 'TooManyRequests' } }
          : { kind: 'dead', letter: { outcome: 'expired', reason: 'deadline' } },
      ),
    );
    await eventuallyPasses(async () => expect(await totalOf({ outcome: 'expired', providerReason: 'TooManyRequests' })).toBe(1));
    const { items } = await failedPushes().search({}, { limit: 1 });
    expect(items).toMatchObject([{ attempts: 2, providerStatus: 429 }]);
  });

  it('keeps no more of it than of the set when there are too many', async () => {
    await enqueue(130);
    // The test's worker keeps a hundred.
    work(() => Promise.resolve({ kind: 'dead', letter: { outcome: 'dead', reason: 'PayloadTooLarge' } }));
    await eventuallyPasses(async () => expect(await redis().llen(`${base()}wait`)).toBe(0));
    await eventuallyPasses(async () => expect(await redis().llen(`${base()}active`)).toBe(0));
    expect(await redis().zcard(`${base()}failed`)).toBe(100);
    expect(await totalOf({})).toBe(100);
    // Each has a cause and a device.
    expect(await redis().zcard(`${base()}failed:index`)).toBe(200);
  });
});

describe('what strangers wrote', () => {
  it('is no term: an event, a room and a device are those of the envelope', async () => {
    const evil = { eventHash: 'evil', deviceHash: 'evil', roomHash: 'evil', acceptedAt: 1 };
    const text = '","eventHash":"evil","roomHash":"evil","deviceHash":"evil","x":"';
    await put(
      push({
        dispatch: dispatch({
          device: { appId: text, pushkey: text, defaultPayload: { kind: 'object', value: evil } },
          notification: { ...dispatch().notification, eventId: text, roomId: text, content: { text: { ...evil, acceptedAt: text }, offersVideo: false } },
        }),
      }),
      push({ dispatch: dispatch({ deviceHash: 'device-2' }) }),
    );
    for (const hash of ['eventHash', 'roomHash', 'deviceHash']) expect(await totalOf({ [hash]: 'evil' })).toBe(0);
    expect(await totalOf({ eventHash: 'event-1', roomHash: 'room-1' })).toBe(2);
    const { items } = await failedPushes().search({ deviceHash: 'device-1' }, { limit: 10 });
    expect(items).toMatchObject([{ eventHash: 'event-1', roomHash: 'room-1', acceptedAt: FAILED_AT - 1000 }]);
  });

  it('is no term where the envelope has none', async () => {
    const { eventHash: _event, roomHash: _room, ...bare } = dispatch();
    const value = { eventHash: 'evil', roomHash: 'evil' };
    await put(push({ dispatch: { ...bare, device: { ...bare.device, defaultPayload: { kind: 'object', value } } } }));
    expect(await totalOf({ eventHash: 'evil' })).toBe(0);
    expect(await totalOf({ roomHash: 'evil' })).toBe(0);
    const { items } = await failedPushes().search({}, { limit: 1 });
    expect(items[0]).not.toHaveProperty('eventHash');
    expect(await redis().zcard(`${base()}failed:index`)).toBe(2);
  });

  it.each([
    ['no JSON', 'job stalled more than allowable limit', 'stalled'],
    ['no JSON of ours', 'Error: ENOMEM', 'crashed'],
    ['JSON of another kind', '["dead"]', 'crashed'],
    ['another outcome', '{"outcome":"delivered","reason":"x"}', 'crashed'],
    ['no reason', '{"outcome":"dead"}', 'crashed'],
  ])('in a letter that is %s counts as BullMQ\'s', async (_name, letter, reason) => {
    const one = push();
    await put(one);
    await DROP_ALL.run(redis(), base(), []);
    await redis().hset(`${base()}${one.dispatch.id}`, 'failedReason', letter);
    await redis().zadd(`${base()}failed`, FAILED_AT, one.dispatch.id);
    await catchUpFailed(redis(), base());
    const { items } = await failedPushes().search({ reason }, { limit: 10 });
    expect(items).toMatchObject([{ id: one.dispatch.id, outcome: 'dead', reason }]);
  });

  it.each(['c:1:0000000000000:x', ':;[(', '\u0000\u001f\n', '\u{1f514} \u00fc', '\ud800', '"}{', 'x'.repeat(300)])('as reason of a provider (%j) stays in its place', async (reason) => {
    await put(push({ letter: { outcome: 'dead', reason: 'r', provider_reason: reason } }), push());
    expect(await totalOf({})).toBe(2);
    expect(await totalOf({ outcome: 'dead', reason: 'poison' })).toBe(1);
    const { causes } = await failedPushes().causes({});
    expect(causes.map(({ count }) => count)).toEqual([1, 1]);
    await DROP_ALL.run(redis(), base(), []);
    expect(await redis().exists(`${base()}failed:index`)).toBe(0);
    expect(await redis().hkeys(`${base()}failed:causes`)).toEqual(['last']);
  });

  it('makes no more causes than there may be', async () => {
    const reasons = Array.from({ length: MAX_CAUSES + 50 }, (_, number) => `reason-${number}`);
    await put(...reasons.map((reason) => push({ letter: { outcome: 'dead', reason: 'r', provider_status: 400, provider_reason: reason } })));
    expect(await redis().hlen(`${base()}failed:causes`)).toBeLessThanOrEqual(MAX_CAUSES + 1);
    expect(await totalOf({})).toBe(reasons.length);
    expect(await totalOf({ reason: 'r' })).toBe(reasons.length);
    expect(await totalOf({ providerReason: 'other' })).toBeGreaterThanOrEqual(50);
    await DROP_ALL.run(redis(), base(), []);
    expect(await redis().exists(`${base()}failed:index`)).toBe(0);
  });
});

describe('catching up', () => {
  const indexKeys = () => [`${base()}failed:index`, `${base()}failed:causes`] as const;

  it('indexes what failed before there was an index, while more fail and others do the same', async () => {
    const old = Array.from({ length: 700 }, (_, number) => push({ failedAt: FAILED_AT + number, dispatch: dispatch({ eventHash: `event-${number % 7}` }) }));
    await put(...old);
    await redis().del(...indexKeys());
    await Promise.all([catchUpFailed(redis(), base()), put(push({ failedAt: FAILED_AT + 1000 })), catchUpFailed(redis(), base()), settle(FAILED_AT)]);
    await settle(FAILED_AT);
    expect(await totalOf({})).toBe(701);
    expect(await totalOf({ eventHash: 'event-3' })).toBe(100);
    expect(await redis().zcard(`${base()}failed:index`)).toBe(4 * 701);
    expect(await redis().exists(`${base()}failed:catch-up`)).toBe(0);
  });

  it('forgets what was taken out by hand', async () => {
    const pushes = Array.from({ length: 300 }, (_, number) => push({ failedAt: FAILED_AT + number, letter: { outcome: 'dead', reason: number < 10 ? 'few' : 'many' } }));
    await put(...pushes);
    for (const { dispatch: { id } } of pushes.slice(0, 20)) {
      await redis().zrem(`${base()}failed`, id);
      await redis().del(`${base()}${id}`);
    }
    await catchUpFailed(redis(), base());
    expect(await totalOf({})).toBe(280);
    expect(await redis().zcard(`${base()}failed:index`)).toBe(4 * 280);
    expect((await failedPushes().causes({})).causes).toMatchObject([{ reason: 'many', count: 280 }]);
    expect(Object.keys(await redis().hgetall(`${base()}failed:causes`))).toHaveLength(2);
  });

  it('does nothing when there is nothing to do', async () => {
    await put(push());
    const before = await redis().zrange(`${base()}failed:index`, '0', '-1');
    await catchUpFailed(redis(), base());
    expect(await redis().zrange(`${base()}failed:index`, '0', '-1')).toEqual(before);
    expect(await redis().exists(`${base()}failed:catch-up`)).toBe(0);
  });
});

it('looks through more of two terms than one script may look at', async () => {
  const old = Array.from({ length: 4500 }, (_, number) => push({ failedAt: FAILED_AT + number, dispatch: dispatch({ roomHash: number % 3 === 0 ? 'room-1' : 'room-2' }) }));
  for (let at = 0; at < old.length; at += 500) await put(...old.slice(at, at + 500));
  expect(await totalOf({ deviceHash: 'device-1', eventHash: 'event-1' })).toBe(4500);
  const { total, items } = await failedPushes().search({ deviceHash: 'device-1', eventHash: 'event-1', roomHash: 'room-2' }, { limit: 3 });
  expect(total).toBe(3000);
  expect(items.map(({ failedAt }) => failedAt - FAILED_AT)).toEqual([4499, 4498, 4496]);
});

it('asks Redis the same commands however many failed', async () => {
  const questions = async (): Promise<Record<string, string>> => {
    const failed = failedPushes();
    await redis().config('RESETSTAT');
    await failed.search({}, { limit: 20 });
    await failed.search({ outcome: 'dead', since: FAILED_AT + 10 }, { limit: 20, cursor: `${FAILED_AT + 100}:x` });
    await failed.search({ roomHash: 'room-1', attemptsMin: 2 }, { limit: 20 });
    await failed.search({ roomHash: 'room-1', deviceHash: 'device-rare' }, { limit: 20 });
    await failed.causes({ roomHash: 'room-1' });
    await failed.oldestFirst('a', {}, { after: { failedAt: FAILED_AT + 50, id: '' }, until: Date.now(), limit: 20 });
    const stats = await redis().info('commandstats');
    return Object.fromEntries([...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(([, command = '', calls = '']) => [command, calls]));
  };
  const some = (from: number, count: number) =>
    put(...Array.from({ length: count }, (_, index) => push({ failedAt: FAILED_AT + from + index, attempts: 1 + (index % 4) })));
  await put(push({ failedAt: FAILED_AT - 1, dispatch: dispatch({ deviceHash: 'device-rare' }) }));
  await some(0, 200);
  const few = await questions();
  for (let from = 200; from < 5000; from += 400) await some(from, 400);
  expect(await questions()).toEqual(few);
  // And none of them reads more than it is asked to.
  expect(Object.keys(few).sort()).toEqual(['config|resetstat', 'evalsha', 'hgetall', 'hmget', 'zlexcount', 'zrangebylex', 'zrevrangebylex', 'zscore']);
});

it('names the apps that do not answer, and shows the others', async () => {
  const one = push();
  await put(one);
  // As a Cluster of which a slot is away: another error, at the same place.
  await redis().call('ACL', 'SETUSER', 'only-a', 'on', '>pw', `~${base()}*`, '+@all');
  const limited = connectWorker({ url: url(), username: 'only-a', password: 'pw' });
  const failed = createFailedPushes({ redis: limited, prefix: prefix(), apps: () => Promise.resolve(['b', 'a']), codec: createDispatchCodec() });
  expect(await failed.search({}, { limit: 5 })).toMatchObject({ total: 1, items: [{ id: one.dispatch.id }], next: null, unreachable: ['b'] });
  expect(await failed.causes({})).toMatchObject({ causes: [{ app: 'a' }], unreachable: ['b'] });
  await limited.quit();
});

it('rejects a cursor that is none, and when no app answers', async () => {
  await expect(failedPushes().search({}, { limit: 1, cursor: 'x' })).rejects.toThrow('no cursor');
  const away = connectProducer({ url: url() });
  away.disconnect();
  const failed = createFailedPushes({ redis: away, prefix: prefix(), apps: () => Promise.resolve(['a', 'b']), codec: createDispatchCodec() });
  await expect(failed.search({}, { limit: 1 })).rejects.toThrow('Redis does not answer');
  await expect(failed.causes({})).rejects.toThrow('Redis does not answer');
});
