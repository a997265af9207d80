import { eventuallyPasses } from '@reveille/testing';
import { parseDeadLetter } from './dead-letter';
import { readLedger } from './ledger';
import { settleOverdue } from './settle-overdue';
import { useTestQueue } from './test-queue';

const { redis, prefix, queue, appQueue, enqueue, work } = useTestQueue();

const settle = () =>
  settleOverdue({ redis: redis(), prefix: prefix(), appKey: 'a', deadLetters: { maxAgeMs: 3_600_000, maxCount: 1000 }, now: Date.now });
const ledger = () => readLedger({ redis: redis(), prefix: prefix(), appKey: 'a', now: Date.now() });
const base = () => `${prefix()}:{a}:`;

/** Accepts pushes of an app that does not run. */
async function enqueueStopped(count: number): Promise<string[]> {
  await appQueue(Date.now).gate.park('InvalidProviderToken');
  return enqueue(count);
}

it('settles one that is out of the queue and whose job is gone, long before its deadline and once', async () => {
  const [id = ''] = await enqueueStopped(3);
  await redis().lrem(`${base()}wait`, 1, id);
  await redis().lrem(`${base()}paused`, 1, id);
  await redis().del(`${base()}${id}`);
  expect(await ledger()).toMatchObject({ accepted: 3, difference: 1 });
  const settled = await Promise.all([settle(), settle()]);
  expect(settled.flat()).toEqual([{ id, letter: { outcome: 'dead', reason: 'lost' } }]);
  expect(await ledger()).toMatchObject({ accepted: 3, dead: 1, waiting: { parked: 2 }, difference: 0 });
  expect(await settle()).toEqual([]);
});

it('settles one that is out of the queue as a dead letter, with what is known of it', async () => {
  const [id = ''] = await enqueue(2, 'low', { deviceHash: 'hash-1' });
  await redis().zrem(`${base()}prioritized`, id);
  expect(await settle()).toEqual([{ id, letter: { outcome: 'dead', reason: 'lost' }, deviceHash: 'hash-1', acceptedAt: expect.any(Number) as number }]);
  expect(await ledger()).toMatchObject({ accepted: 2, dead: 1, waiting: { queued: 1 }, difference: 0 });
  expect(parseDeadLetter((await queue().getJob(id))?.failedReason ?? '')).toEqual({ outcome: 'dead', reason: 'lost' });
});

it('leaves alone whatever waits, is under way or is to be repeated', async () => {
  await enqueue(1, 'low');
  const [busy] = await enqueue(2);
  let finish = (): void => undefined;
  const worker = work(({ dispatch }) =>
    dispatch?.id === busy
      ? new Promise((resolve) => (finish = () => resolve({ kind: 'done', end: 'delivered' })))
      : Promise.resolve({ kind: 'retry', delayMs: 3_600_000, reason: '503' }),
  );
  await eventuallyPasses(async () => expect(await redis().zcard(`${base()}delayed`)).toBe(2));
  const [, gone = ''] = await enqueueStopped(5);
  await redis().lrem(`${base()}wait`, 1, gone);
  await redis().lrem(`${base()}paused`, 1, gone);
  expect(await settle()).toMatchObject([{ id: gone }]);
  finish();
  await eventuallyPasses(async () => expect(await ledger()).toMatchObject({ accepted: 8, delivered: 1, dead: 1, waiting: { delayed: 2, parked: 4 }, difference: 0 }));
  await worker.close(1000);
});

it('finds the few that vanished among very many, in bounded steps', async () => {
  // Too many to be read whole, and to be looked at in one go.
  const ids = await enqueueMany(12_000);
  const gone = [ids[3] ?? '', ids[6000] ?? '', ids[11_999] ?? ''];
  for (const id of gone) {
    await redis().lrem(`${base()}wait`, 1, id);
    await redis().del(`${base()}${id}`);
  }
  const settled: string[] = [];
  let sweeps = 0;
  while (settled.length < gone.length && sweeps < 10) {
    settled.push(...(await settle()).map(({ id }) => id));
    sweeps++;
  }
  expect(settled.sort()).toEqual(gone.sort());
  expect(sweeps).toBeLessThanOrEqual(4);
  expect(await ledger()).toMatchObject({ accepted: 12_000, dead: 3, waiting: { queued: 11_997 }, difference: 0 });
});

it('settles them all when the whole queue was deleted', async () => {
  await enqueue(350);
  await redis().del(`${base()}wait`);
  const settled: string[] = [];
  for (let sweeps = 0; sweeps < 10 && settled.length < 350; sweeps++) settled.push(...(await settle()).map(({ id }) => id));
  expect(new Set(settled).size).toBe(350);
  expect(await ledger()).toMatchObject({ accepted: 350, dead: 350, difference: 0 });
  expect(await redis().exists(`${base()}vanished-cursor`)).toBe(0);
});

async function enqueueMany(count: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < count) ids.push(...(await enqueue(1000)));
  return ids;
}
