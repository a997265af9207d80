import { eventuallyPasses } from '@reveille/testing';
import type { JobVerdict } from './job-verdict';
import { readLedger } from './ledger';
import { useTestQueue } from './test-queue';

const { redis, prefix, queue, work, enqueue } = useTestQueue();

const ledger = () => readLedger({ redis: redis(), prefix: prefix(), appKey: 'a', now: Date.now() });

/** A worker whose pushes all wait for one answer. */
function workTogether(concurrency: number) {
  let started = 0;
  let answer: (verdict: JobVerdict) => void = () => undefined;
  const answered = new Promise<JobVerdict>((resolve) => (answer = resolve));
  const worker = work(() => {
    started++;
    return answered;
  }, concurrency);
  return { worker, answer, started: () => started };
}

async function scriptRuns(): Promise<number> {
  const { calls = '0' } = /cmdstat_evalsha:calls=(?<calls>\d+)/.exec(await redis().info('commandstats'))?.groups ?? {};
  return Number(calls);
}

it('ends what is answered in one turn in few runs of the script, each in the ledger', async () => {
  await enqueue(120);
  const { answer, started } = workTogether(120);
  await eventuallyPasses(() => expect(started()).toBe(120));
  const before = await scriptRuns();
  answer({ kind: 'done', end: 'delivered' });
  await eventuallyPasses(async () => expect(await ledger()).toMatchObject({ accepted: 120, delivered: 120, open: 0, difference: 0 }));
  // Three batches; afterwards the worker looks for more.
  expect((await scriptRuns()) - before).toBeLessThan(20);
  expect(await queue().getActiveCount()).toBe(0);
});

it('ends the others when one of them cannot be ended', async () => {
  const [, broken = ''] = await enqueue(3);
  const { answer, started } = workTogether(3);
  await eventuallyPasses(() => expect(started()).toBe(3));
  await redis().del(`${prefix()}:{a}:${broken}:lock`);
  await redis().lpush(`${prefix()}:{a}:${broken}:lock`, 'not a lock any more');
  answer({ kind: 'done', end: 'delivered' });
  await eventuallyPasses(async () => expect(await ledger()).toMatchObject({ accepted: 3, delivered: 2, open: 1 }));
});

it('counts no push twice that somebody else has ended meanwhile', async () => {
  const [, taken = ''] = await enqueue(3);
  const { answer, started } = workTogether(3);
  await eventuallyPasses(() => expect(started()).toBe(3));
  // Its lock is another worker's.
  await redis().set(`${prefix()}:{a}:${taken}:lock`, 'another', 'PX', 60_000);
  answer({ kind: 'done', end: 'delivered' });
  await eventuallyPasses(async () => expect(await ledger()).toMatchObject({ accepted: 3, delivered: 2, open: 1, difference: 0 }));
  expect(await queue().getActiveCount()).toBe(1);
});

it('leaves to other workers what a closing one has put back', async () => {
  await enqueue(4);
  // It has two places free and waits for a job when the others come back.
  const { worker, answer, started } = workTogether(6);
  await eventuallyPasses(() => expect(started()).toBe(4));
  expect(await worker.close(1)).toEqual({ finished: 0, putBack: 4 });
  expect(started()).toBe(4);
  expect(await queue().getWaitingCount()).toBe(4);
  answer({ kind: 'done', end: 'delivered' });
});
