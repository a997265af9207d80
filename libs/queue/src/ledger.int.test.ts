import { eventuallyPasses } from '@reveille/testing';
import type { JobVerdict } from './job-verdict';
import { readLedger, type Balance } from './ledger';
import { useTestQueue } from './test-queue';

const { redis, prefix, work, enqueue, enqueueAgain } = useTestQueue();

const HOUR_MS = 3_600_000;
const NOTHING = {
  accepted: 0, delivered: 0, rejected: 0, skipped: 0, superseded: 0, expired: 0, dead: 0, duplicates: 0, told: 0,
  open: 0, waiting: { queued: 0, delayed: 0, active: 0, parked: 0 }, difference: 0,
};

function ledger(since?: number): Promise<Balance> {
  return readLedger({ redis: redis(), prefix: prefix(), appKey: 'a', now: Date.now(), ...(since !== undefined && { since }) });
}

it('is empty for an app that never had a push', async () => {
  expect(await ledger()).toEqual(NOTHING);
});

it('counts what is accepted in the step that queues it, and what waits', async () => {
  await enqueue(3);
  await enqueue(2, 'low');
  expect(await ledger()).toEqual({ ...NOTHING, accepted: 5, open: 5, waiting: { ...NOTHING.waiting, queued: 5 } });
});

it('counts each end in the step that ends the job', async () => {
  await enqueue(6);
  const verdicts: JobVerdict[] = [
    { kind: 'done', end: 'delivered' },
    { kind: 'done', end: 'rejected' },
    { kind: 'done', end: 'skipped' },
    { kind: 'done', end: 'superseded' },
    { kind: 'dead', letter: { outcome: 'expired', reason: 'deadline' } },
    { kind: 'dead', letter: { outcome: 'dead', reason: 'PayloadTooLarge' } },
  ];
  let taken = 0;
  work(() => Promise.resolve(verdicts[taken++] ?? { kind: 'done', end: 'delivered' }), 1);
  const all = { ...NOTHING, accepted: 6, delivered: 1, rejected: 1, skipped: 1, superseded: 1, expired: 1, dead: 1 };
  await eventuallyPasses(async () => expect(await ledger()).toEqual(all));
  expect(await redis().zcard(`${prefix()}:{a}:open`)).toBe(0);
});

it('closes at any moment while pushes are taken, repeated and ended', async () => {
  await enqueue(200);
  let taken = 0;
  work(() => Promise.resolve(++taken % 3 === 0 ? { kind: 'retry', delayMs: 5, reason: '503' } : { kind: 'done', end: 'delivered' }), 20);
  for (let open = 200; open > 0; ) {
    const balance = await ledger();
    expect(balance.difference).toBe(0);
    open = balance.open;
  }
  expect(await ledger()).toMatchObject({ accepted: 200, delivered: 200 });
});

it('shows a push that vanished', async () => {
  await enqueue(3);
  await redis().lpop(`${prefix()}:{a}:wait`);
  expect(await ledger()).toMatchObject({ accepted: 3, waiting: { queued: 2 }, difference: 1 });
});

it('counts neither a push twice that a client sent again, nor an end', async () => {
  const ids = await enqueue(1);
  expect(await enqueueAgain(ids)).toEqual(['duplicate']);
  work(() => Promise.resolve({ kind: 'done', end: 'delivered' }));
  await eventuallyPasses(async () => expect(await ledger()).toEqual({ ...NOTHING, accepted: 1, delivered: 1, duplicates: 1 }));
});

it('counts by the hour of acceptance', async () => {
  await enqueue(2);
  expect(await ledger(Date.now())).toMatchObject({ accepted: 2, open: 2, difference: 0 });
  expect(await ledger(Date.now() + 2 * HOUR_MS)).toMatchObject({ accepted: 0, open: 0, waiting: { queued: 2 }, difference: 0 });
  const keys = await redis().keys(`${prefix()}:{a}:ledger:*`);
  expect(keys.length).toBeGreaterThan(0);
  for (const key of keys) expect(await redis().pttl(key)).toBeGreaterThan(30 * 24 * HOUR_MS);
});

it('does not send again what was delivered while Redis took no writes', async () => {
  await enqueue(1);
  let handled = 0;
  work(async () => {
    handled++;
    await redis().config('SET', 'min-replicas-to-write', '1');
    setTimeout(() => void redis().config('SET', 'min-replicas-to-write', '0'), 500);
    return { kind: 'done', end: 'delivered' };
  });
  await eventuallyPasses(async () => expect(await ledger()).toEqual({ ...NOTHING, accepted: 1, delivered: 1 }));
  expect(handled).toBe(1);
});
