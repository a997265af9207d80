import { eventuallyPasses } from '@reveille/testing';
import { parseDeadLetter } from './dead-letter';
import { readLedger } from './ledger';
import { useTestQueue } from './test-queue';

const { redis, prefix, queue, appQueue, work, enqueue } = useTestQueue();

const jobKey = (id: string) => `${prefix()}:{a}:${id}`;
const ledger = () => readLedger({ redis: redis(), prefix: prefix(), appKey: 'a', now: Date.now() });

/** As the dispatcher does. */
function workAsDispatcher(concurrency?: number): void {
  work(
    ({ dispatch, unreadable }) =>
      Promise.resolve(
        dispatch ? { kind: 'done', end: 'delivered' } : { kind: 'dead', letter: { outcome: 'dead', reason: unreadable?.reason ?? '' } },
      ),
    concurrency,
  );
}

it.each([
  ['{{{'],
  ['"a text'],
  ['null'],
  ['7'],
  ['{"v":1}'],
  [''],
])('makes a dead letter of a push whose data are %j, at its first try', async (data) => {
  const [, id = ''] = await enqueue(3);
  await redis().hset(jobKey(id), 'data', data);
  // One after the other: a job is also handed over with the end of the one before.
  workAsDispatcher(1);
  await eventuallyPasses(async () => expect(await ledger()).toMatchObject({ accepted: 3, delivered: 2, dead: 1, difference: 0 }));
  expect(parseDeadLetter((await redis().hget(jobKey(id), 'failedReason')) ?? '')).toEqual({ outcome: 'dead', reason: 'unreadable' });
  expect(await redis().hget(jobKey(id), 'data')).toBe(data);
});

it.each([
  ['opts', 'x'],
  ['opts', 'null'],
  ['opts', '[]'],
  ['opts', '{}'],
  ['progress', 'x'],
  ['stacktrace', 'x'],
  ['timestamp', 'x'],
])('sends a push that only has a damaged %s (%s)', async (field, value) => {
  const [, id = ''] = await enqueue(3);
  await redis().hset(jobKey(id), field, value);
  workAsDispatcher(1);
  await eventuallyPasses(async () => expect(await ledger()).toMatchObject({ accepted: 3, delivered: 3, difference: 0 }));
});

it('repeats a push with damaged options as any other', async () => {
  const [id = ''] = await enqueue(1);
  await redis().hset(jobKey(id), 'opts', 'x');
  let tries = 0;
  work(() => Promise.resolve(++tries < 4 ? { kind: 'retry', delayMs: 5, reason: '503' } : { kind: 'done', end: 'delivered' }));
  await eventuallyPasses(async () => expect(await ledger()).toMatchObject({ accepted: 1, delivered: 1, difference: 0 }));
  expect(tries).toBe(4);
});

it('makes a dead letter of a push of which nothing is left but its place in the queue', async () => {
  const [id = ''] = await enqueue(2);
  await redis().del(jobKey(id));
  workAsDispatcher();
  await eventuallyPasses(async () => expect(await ledger()).toMatchObject({ accepted: 2, delivered: 1, dead: 1, difference: 0 }));
});

it('shows the jobs beside a damaged one', async () => {
  const ids = await enqueue(3);
  await redis().hset(jobKey(ids[1] ?? ''), { data: '{{{', opts: 'x' });
  const { jobs } = appQueue(Date.now);
  const listed = await jobs.list(['waiting'], 0, 10);
  expect(listed.map(({ id }) => id).sort()).toEqual([ids[0], ids[2]].sort());
  expect(await jobs.find(ids[1] ?? '')).toBeUndefined();
  expect(await queue().getWaitingCount()).toBe(3);
});
