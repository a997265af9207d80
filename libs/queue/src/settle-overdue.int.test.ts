import { eventuallyPasses } from '@reveille/testing';
import { parseDeadLetter } from './dead-letter';
import { readLedger } from './ledger';
import { settleOverdue } from './settle-overdue';
import { useTestQueue } from './test-queue';

const { redis, prefix, queue, appQueue, enqueue, work } = useTestQueue();

const settle = (now: number, maxCount = 1000) =>
  settleOverdue({ redis: redis(), prefix: prefix(), appKey: 'a', deadLetters: { maxAgeMs: 3_600_000, maxCount }, now: () => now });
const ledger = () => readLedger({ redis: redis(), prefix: prefix(), appKey: 'a', now: Date.now() });
const base = () => `${prefix()}:{a}:`;
const LATER = 10 * 60_000;

it('leaves alone what has time', async () => {
  await enqueue(3);
  expect(await settle(Date.now())).toEqual([]);
  expect(await ledger()).toMatchObject({ expired: 0, waiting: { queued: 3 } });
});

it.each(['high', 'low'] as const)('ends the overdue of a parked app as expired, with what is known of them (%s)', async (lane) => {
  await appQueue(Date.now).gate.park('InvalidProviderToken');
  const deadline = Date.now() + 1000;
  const late = await enqueue(3, lane, { deadline, deviceHash: 'hash-1' });
  const others = await enqueue(2, lane);
  const settled = await settle(deadline + 2000);
  expect(settled.map(({ id }) => id).sort()).toEqual([...late].sort());
  for (const one of settled) {
    expect(one).toMatchObject({ letter: { outcome: 'expired', reason: 'deadline' }, deviceHash: 'hash-1' });
    expect(one.acceptedAt).toBeGreaterThan(0);
  }
  expect(await ledger()).toMatchObject({ accepted: 5, expired: 3, dead: 0, waiting: { parked: 2 }, difference: 0 });
  const failed = await queue().getFailed();
  expect(failed.map(({ id }) => id).sort()).toEqual([...late].sort());
  expect(parseDeadLetter(failed[0]?.failedReason ?? '')).toEqual({ outcome: 'expired', reason: 'deadline' });
  const left = await queue().getJobs(['waiting', 'prioritized']);
  expect(left.map(({ id }) => id).sort()).toEqual([...others].sort());
  expect(await settle(deadline + 2000)).toEqual([]);
});

it('ends the overdue of a long outage, which lie behind what came later', async () => {
  await appQueue(Date.now).gate.interrupt('503');
  const deadline = Date.now() + 1000;
  await enqueue(300, 'high', { deadline });
  // As if a hundred thousand had been accepted since: the search must not begin at their end.
  const fresh = Array.from({ length: 120_000 }, (_, index) => `fresh-${index}`);
  await redis().rpush(`${base()}wait`, ...fresh);
  expect(await settle(deadline + 2000)).toHaveLength(300);
  expect(await ledger()).toMatchObject({ accepted: 300, expired: 300 });
});

it('ends an overdue one that waits for another attempt', async () => {
  await enqueue(1);
  const worker = work(() => Promise.resolve({ kind: 'retry', delayMs: 3_600_000, reason: '503' }));
  await becomes(() => redis().zcard(`${base()}delayed`), 1);
  await worker.close(1000);
  expect(await settle(Date.now() + LATER)).toHaveLength(1);
  expect(await ledger()).toMatchObject({ expired: 1, waiting: { delayed: 0 }, difference: 0 });
});

it('leaves alone what is under way', async () => {
  await enqueue(1);
  let finish = (): void => undefined;
  const worker = work(() => new Promise((resolve) => (finish = () => resolve({ kind: 'done', end: 'delivered' }))));
  await becomes(() => redis().llen(`${base()}active`), 1);
  expect(await settle(Date.now() + LATER)).toEqual([]);
  finish();
  await becomes(() => redis().llen(`${base()}active`), 0);
  await worker.close(1000);
  expect(await ledger()).toMatchObject({ delivered: 1, difference: 0 });
});

it.each([
  ['whose job is gone', (id: string) => redis().del(`${base()}${id}`)],
  ['whose job is something else', (id: string) => redis().set(`${base()}${id}`, 'x')],
])('settles one %s as lost when its time is over, once', async (_name, loseIt) => {
  const [id = ''] = await enqueue(2);
  await loseIt(id);
  // A worker may still take it.
  expect(await settle(Date.now() + 30_000)).toEqual([]);
  const settled = await Promise.all([settle(Date.now() + LATER), settle(Date.now() + LATER)]);
  const lost = settled.flat().filter(({ letter }) => letter.reason === 'lost');
  expect(lost).toMatchObject([{ id, letter: { outcome: 'dead' } }]);
  expect(await ledger()).toMatchObject({ accepted: 2, dead: 1, expired: 1, difference: 0 });
  expect(await redis().exists(`${base()}${id}`)).toBe(0);
});

it('ends one that no worker gets done, once nobody has it and its time is over', async () => {
  const [id = ''] = await enqueue(1, 'high', { deadline: Date.now() + 1000 });
  await redis().lmove(`${base()}wait`, `${base()}active`, 'RIGHT', 'LEFT');
  await redis().hset(`${base()}${id}`, 'stc', 2);
  expect(await settle(Date.now() + LATER)).toEqual([]);
  await redis().hset(`${base()}${id}`, 'stc', 3);
  await redis().set(`${base()}${id}:lock`, 'token');
  expect(await settle(Date.now() + LATER)).toEqual([]);
  await redis().del(`${base()}${id}:lock`);
  expect(await settle(Date.now())).toEqual([]);
  expect(await settle(Date.now() + LATER)).toMatchObject([{ id, letter: { outcome: 'expired' } }]);
  expect(await ledger()).toMatchObject({ accepted: 1, expired: 1, difference: 0 });
  expect(await redis().llen(`${base()}active`)).toBe(0);
});

it('ends more than one batch, and keeps no more dead letters than it may', async () => {
  await enqueue(250);
  expect(await settle(Date.now() + LATER, 20)).toHaveLength(250);
  expect(await ledger()).toMatchObject({ accepted: 250, expired: 250, difference: 0 });
  expect(await redis().zcard(`${base()}failed`)).toBe(20);
  // 20 dead letters, and the few keys of the queue and of the index of its dead letters.
  expect((await redis().keys(`${base()}*`)).length).toBeLessThan(20 + 15);
});

async function becomes(count: () => Promise<number>, expected: number): Promise<void> {
  await eventuallyPasses(async () => expect(await count()).toBe(expected));
}
