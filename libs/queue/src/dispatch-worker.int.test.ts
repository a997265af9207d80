import { eventuallyPasses, startTestRedis, type RunningRedis } from '@reveille/testing';
import type { Dispatch } from '@reveille/provider';
import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { createAppQueue, type AppQueue } from './app-queue';
import { connectWorker } from './connect-redis';
import { parseDeadLetter } from './dead-letter';
import { createDispatchWorker, type DispatchJob, type DispatchWorker } from './dispatch-worker';
import { createEnqueueDispatches } from './enqueue-dispatches';
import type { JobVerdict } from './job-verdict';

let server: RunningRedis;
let redis: Redis;
let prefix: string;
let abandoned: (string | undefined)[] = [];
let opened: { close: () => Promise<unknown> }[] = [];

beforeAll(async () => {
  server = await startTestRedis();
  redis = connectWorker({ url: server.url });
});
afterAll(async () => {
  await redis.quit();
  await server.stop();
});
beforeEach(() => {
  prefix = `test-${randomUUID()}`;
  abandoned = [];
});
afterEach(async () => {
  await Promise.all(opened.map((one) => one.close()));
  opened = [];
});

function keep<T extends { close: () => Promise<unknown> }>(one: T): T {
  opened.push(one);
  return one;
}

const queue = (): Queue => keep(new Queue('{a}', { connection: redis, prefix }));

function work(process: (job: DispatchJob) => Promise<JobVerdict>, concurrency = 10): DispatchWorker {
  const worker = createDispatchWorker({
    appKey: 'a',
    prefix,
    redis,
    concurrency,
    deadLetters: { maxAgeMs: 60_000, maxCount: 100 },
    process,
    onAbandoned: (dispatch) => abandoned.push(dispatch?.id),
    onError: () => undefined,
  });
  keep({ close: () => worker.close(1000) });
  return worker;
}

async function enqueue(count: number, priority: 'high' | 'low' = 'high'): Promise<string[]> {
  const dispatches = Array.from({ length: count }, (): Dispatch => ({
    id: randomUUID(),
    kind: 'event',
    acceptedAt: Date.now(),
    deadline: Date.now() + 60_000,
    deviceHash: 'h',
    device: { appId: 'a', pushkey: 'p', defaultPayload: { kind: 'absent' } },
    notification: { userIsTarget: false, priority, counts: {} },
  }));
  const result = await createEnqueueDispatches({
    redis,
    prefix,
    guard: { lua: 'return false' },
    duplicateWindowMs: 1000,
    queueLimit: () => 1e6,
    countsMaxAgeMs: () => 1000,
    timeoutMs: 2000,
    now: Date.now,
  })(dispatches.map((dispatch) => ({ dispatch, appKey: 'a' })));
  expect(result).toMatchObject({ ok: true });
  return dispatches.map(({ id }) => id);
}

const done: JobVerdict = { kind: 'done' };

it('hands over each dispatch as it was queued, and leaves nothing of a finished job', async () => {
  const [id] = await enqueue(1);
  const seen: DispatchJob[] = [];
  work((job) => {
    seen.push(job);
    return Promise.resolve(done);
  });
  await eventuallyPasses(async () => expect(await redis.exists(`${prefix}:{a}:${String(id)}`)).toBe(0));
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

it('repeats after the delay of the verdict and counts the attempts', async () => {
  await enqueue(1);
  const attempts: number[] = [];
  work((job) => {
    attempts.push(job.attemptsMade);
    return Promise.resolve(attempts.length < 4 ? { kind: 'retry', delayMs: 5, reason: '503' } : done);
  });
  await eventuallyPasses(() => expect(attempts).toEqual([0, 1, 2, 3]));
});

it('keeps a dead letter with its reason and without a stack', async () => {
  const [id] = await enqueue(1);
  work(() => Promise.resolve({ kind: 'dead', letter: { outcome: 'dead', reason: 'PayloadTooLarge', provider_status: 413 } }));
  const failed = queue();
  await eventuallyPasses(async () => expect(await failed.getFailedCount()).toBe(1));
  const job = await failed.getJob(String(id));
  expect(parseDeadLetter(job?.failedReason ?? '')).toEqual({ outcome: 'dead', reason: 'PayloadTooLarge', provider_status: 413 });
  expect(job?.stacktrace?.join('')).toBe('');
});

it('hands over a job of another version as unreadable', async () => {
  await queue().add('push', { v: 99, something: 'else' });
  const seen: DispatchJob[] = [];
  work((job) => {
    seen.push(job);
    return Promise.resolve({ kind: 'dead', letter: { outcome: 'dead', reason: 'unreadable' } });
  });
  await eventuallyPasses(() => expect(seen).toEqual([{ dispatch: undefined, attemptsMade: 0 }]));
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

it('tells of a job whose workers died too often', async () => {
  const [id = ''] = await enqueue(1);
  // What BullMQ's check for stalled jobs leaves behind after the last allowed time.
  await redis.hset(`${prefix}:{a}:${id}`, 'defa', 'job stalled more than allowable limit');
  let processed = 0;
  work(() => {
    processed++;
    return Promise.resolve(done);
  });
  await eventuallyPasses(() => expect(abandoned).toEqual([id]));
  expect(processed).toBe(0);
  const job = await queue().getJob(id);
  expect(parseDeadLetter(job?.failedReason ?? '')).toEqual({ outcome: 'dead', reason: 'stalled' });
});

describe('the gate', () => {
  let now = 1_000_000;
  const appQueue = (): AppQueue =>
    keep(createAppQueue({ appKey: 'a', prefix, redis, now: () => now, onError: () => undefined }));

  it('parks an app for all workers, probes with one push, and opens when that works', async () => {
    const app = appQueue();
    const other = appQueue();
    expect(await app.gate.park('403 InvalidProviderToken')).toBe(true);
    expect(await other.gate.park('403 InvalidProviderToken')).toBe(false);
    await enqueue(20);
    let underWay = 0;
    let most = 0;
    let sent = 0;
    let release: () => void = () => undefined;
    let hold = new Promise<void>((resolve) => (release = resolve));
    work(async () => {
      underWay++;
      most = Math.max(most, underWay);
      await hold;
      underWay--;
      sent++;
      return done;
    });
    await other.gate.tick();
    expect(other.gate.current).toMatchObject({ state: 'parked', reason: '403 InvalidProviderToken', until: now + 30_000 });
    expect(await app.counts()).toMatchObject({ waiting: 20, active: 0, paused: true });

    now += 30_000;
    await Promise.all([app.gate.tick(), other.gate.tick()]);
    expect(app.gate.current).toMatchObject({ state: 'probing', probes: 1 });
    await eventuallyPasses(() => expect(underWay).toBe(1));
    const releaseFirst = release;
    hold = new Promise((resolve) => (release = resolve));
    releaseFirst();
    await eventuallyPasses(() => expect(sent).toBe(1));
    await eventuallyPasses(() => expect(underWay).toBe(1));
    expect(most).toBe(1);
    expect(await other.gate.worked()).toBe(true);
    await eventuallyPasses(() => expect(underWay).toBe(10));
    release();
    await eventuallyPasses(() => expect(sent).toBe(20));
    await app.gate.tick();
    expect(app.gate.current).toBeUndefined();
  });

  it('parks longer after each probe that fails', async () => {
    const app = appQueue();
    await app.gate.park('403');
    const { since, until: firstProbe } = app.gate.current ?? {};
    now = firstProbe ?? now;
    await app.gate.tick();
    expect(app.gate.current?.state).toBe('probing');
    await app.gate.park('403');
    expect(app.gate.current).toMatchObject({ state: 'parked', since, until: now + 60_000 });
  });

  it('holds an app for the time the provider asked for', async () => {
    const app = appQueue();
    await app.gate.hold('QUOTA_EXCEEDED', 60_000);
    expect(await app.gate.hold('QUOTA_EXCEEDED', 1000)).toBe(false);
    expect((await app.counts()).paused).toBe(true);
    now += 60_000;
    await app.gate.tick();
    expect(app.gate.current).toBeUndefined();
    expect((await app.counts()).paused).toBe(false);
  });

  it('opens at an operator\'s word', async () => {
    const app = appQueue();
    await app.gate.park('403');
    await app.gate.resume();
    expect(app.gate.current).toBeUndefined();
    expect((await app.counts()).paused).toBe(false);
  });

  it('ends what a crash left half done', async () => {
    const app = appQueue();
    await app.gate.park('403');
    await queue().resume();
    await app.gate.tick();
    expect((await app.counts()).paused).toBe(true);
  });
});

it('counts jobs by state and knows the age of the oldest', async () => {
  await enqueue(2);
  await enqueue(1, 'low');
  const later = Date.now() + 5000;
  const app = keep(createAppQueue({ appKey: 'a', prefix, redis, now: () => later, onError: () => undefined }));
  const counts = await app.counts();
  expect(counts).toMatchObject({ waiting: 3, delayed: 0, active: 0, failed: 0, paused: false });
  expect(counts.oldestWaitingMs).toBeGreaterThanOrEqual(4000);
});
