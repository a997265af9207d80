import { eventuallyPasses } from '@reveille/testing';
import { parseDeadLetter } from './dead-letter';
import type { DispatchJob } from './dispatch-worker';
import type { JobVerdict } from './job-verdict';
import { useTestQueue } from './test-queue';

const { redis, prefix, queue, appQueue, work, enqueue } = useTestQueue();

const done: JobVerdict = { kind: 'done', end: 'delivered' };

it('hands over each dispatch as it was queued, and leaves nothing of a finished job', async () => {
  const [id] = await enqueue(1);
  const seen: DispatchJob[] = [];
  work((job) => {
    seen.push(job);
    return Promise.resolve(done);
  });
  await eventuallyPasses(async () => expect(await redis().exists(`${prefix()}:{a}:${String(id)}`)).toBe(0));
  expect(seen).toHaveLength(1);
  expect(seen[0]).toMatchObject({ attemptsMade: 0, dispatch: { id, device: { pushkey: 'p' } } });
});

it('takes high before low', async () => {
  await enqueue(5, 'low');
  await enqueue(5, 'high');
  const lanes: (string | undefined)[] = [];
  work((job) => {
    lanes.push(job.dispatch?.notification.priority);
    return Promise.resolve(done);
  }, 1);
  await eventuallyPasses(() => expect(lanes).toHaveLength(10));
  expect(lanes).toEqual([...Array<string>(5).fill('high'), ...Array<string>(5).fill('low')]);
});

it('has a place for a high one while low ones hold all that they may', async () => {
  await enqueue(30, 'low');
  const lanes: (string | undefined)[] = [];
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  work(async (job) => {
    lanes.push(job.dispatch?.notification.priority);
    await released;
    return done;
  }, 20);
  await eventuallyPasses(() => expect(lanes).toHaveLength(18));
  await enqueue(1);
  await eventuallyPasses(() => expect(lanes.at(-1)).toBe('high'));
  release();
  await eventuallyPasses(() => expect(lanes).toHaveLength(31));
});

it('repeats after the delay of the verdict and counts the attempts', async () => {
  await enqueue(1);
  const attempts: number[] = [];
  work((job) => {
    attempts.push(job.attemptsMade);
    return Promise.resolve(attempts.length < 4 ? { kind: 'retry', delayMs: 5, reason: '503' } : done);
  });
  await eventuallyPasses(() => expect(attempts).toEqual([0, 1, 2, 3]));
});

it('keeps a dead letter with its reason and its attempts, and without a stack', async () => {
  const [id] = await enqueue(1);
  work(() => Promise.resolve({ kind: 'dead', letter: { outcome: 'dead', reason: 'PayloadTooLarge', provider_status: 413 } }));
  const failed = queue();
  await eventuallyPasses(async () => expect(await failed.getFailedCount()).toBe(1));
  const job = await failed.getJob(String(id));
  expect(parseDeadLetter(job?.failedReason ?? '')).toEqual({ outcome: 'dead', reason: 'PayloadTooLarge', provider_status: 413 });
  expect(job?.stacktrace?.map((entry): unknown => JSON.parse(entry))).toEqual([{ at: expect.any(Number) as number, reason: 'PayloadTooLarge' }]);
});

it('hands over a job of another version as unreadable', async () => {
  await queue().add('push', { v: 99, something: 'else' });
  const seen: DispatchJob[] = [];
  work((job) => {
    seen.push(job);
    return Promise.resolve({ kind: 'dead', letter: { outcome: 'dead', reason: 'unreadable' } });
  });
  await eventuallyPasses(() => expect(seen).toEqual([{ unreadable: { reason: 'unreadable' }, dispatch: undefined, attemptsMade: 0, isReplayed: false }]));
});

it('repeats a job whose processing threw', async () => {
  await enqueue(1);
  let calls = 0;
  work(() => {
    calls++;
    return calls === 1 ? Promise.reject(new Error('Redis was away')) : Promise.resolve(done);
  });
  await eventuallyPasses(() => expect(calls).toBe(2), { timeoutMs: 5000 });
});

it('puts back what a bounded shutdown does not wait for, and another worker finishes it', async () => {
  await enqueue(3);
  let started = 0;
  let release: (verdict: JobVerdict) => void = () => undefined;
  const released = new Promise<JobVerdict>((resolve) => (release = resolve));
  const first = work(() => {
    started++;
    return released;
  });
  await eventuallyPasses(() => expect(started).toBe(3));
  expect(first.inFlight()).toBe(3);
  expect(await first.close(50)).toEqual({ finished: 0, putBack: 3 });

  const finished: string[] = [];
  work((job) => {
    finished.push(job.dispatch?.id ?? '');
    return Promise.resolve(done);
  });
  await eventuallyPasses(() => expect(finished).toHaveLength(3));
  // The late verdict of the first worker decides nothing any more.
  release({ kind: 'dead', letter: { outcome: 'dead', reason: 'late' } });
  await eventuallyPasses(async () => expect(await queue().getActiveCount()).toBe(0));
  expect(await queue().getFailedCount()).toBe(0);
});

it('counts jobs by state and knows the age of the oldest', async () => {
  await enqueue(2);
  await enqueue(1, 'low');
  const later = Date.now() + 5000;
  const app = appQueue(() => later);
  const counts = await app.counts();
  expect(counts).toMatchObject({ waiting: 3, delayed: 0, active: 0, failed: 0, paused: false });
  expect(counts.oldestWaitingMs).toBeGreaterThanOrEqual(4000);
});

it('takes up a push that was to wait, without having used up an attempt', async () => {
  const [id] = await enqueue(1);
  const seen: { attemptsMade: number; at: number }[] = [];
  work((job) => {
    seen.push({ attemptsMade: job.attemptsMade, at: Date.now() });
    return Promise.resolve(seen.length < 3 ? { kind: 'wait', delayMs: 20 } : { kind: 'dead', letter: { outcome: 'dead', reason: 'x' } });
  });
  const failed = queue();
  await eventuallyPasses(async () => expect(await failed.getFailedCount()).toBe(1));
  expect(seen.map(({ attemptsMade }) => attemptsMade)).toEqual([0, 0, 0]);
  // Its history tells of attempts only.
  expect((await failed.getJob(String(id)))?.stacktrace).toHaveLength(1);
});

it('takes no more pushes at once than it is told to, and as many as configured again', async () => {
  let underWay = 0;
  let most = 0;
  let arrived = 0;
  const release: (() => void)[] = [];
  const worker = work(async () => {
    underWay += 1;
    arrived += 1;
    most = Math.max(most, underWay);
    await new Promise<void>((resolve) => release.push(resolve));
    underWay -= 1;
    return done;
  }, 10);
  worker.setConcurrency(2);
  await enqueue(30);
  for (let ended = 0; ended < 10; ended++) {
    await eventuallyPasses(() => expect(release).not.toHaveLength(0));
    release.shift()?.();
  }
  await eventuallyPasses(() => expect(arrived).toBeGreaterThanOrEqual(11));
  expect(most).toBeLessThanOrEqual(2);
  worker.setConcurrency(undefined);
  while (arrived < 30) {
    release.shift()?.();
    await eventuallyPasses(() => expect(release.length > 0 || arrived === 30).toBe(true));
  }
  for (const each of release) each();
  await eventuallyPasses(() => expect(underWay).toBe(0));
  expect(most).toBeGreaterThan(2);
});
