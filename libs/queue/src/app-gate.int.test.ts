import { eventuallyPasses } from '@reveille/testing';
import type { JobVerdict } from './job-verdict';
import { useTestQueue } from './test-queue';

const kit = useTestQueue();
const { redis, prefix, queue, work, enqueue } = kit;
const done: JobVerdict = { kind: 'done', end: 'delivered' };

let now = 1_000_000;
const appQueue = () => kit.appQueue(() => now);

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

it('is never left half open by dispatchers that move it at the same moment', async () => {
  const apps = [appQueue(), appQueue()] as const;
  const [a, b] = apps;
  for (let round = 0; round < 100; round++) {
    await a.gate.park('403');
    now += 30_000;
    await Promise.all(apps.map(({ gate }) => gate.tick()));
    await Promise.all(apps.map(({ gate }) => gate.read()));
    // One finds that it works and one looks, at the same time.
    await Promise.all([a.gate.worked(), b.gate.tick(), b.gate.worked(), a.gate.tick()]);
    await a.gate.hold('quota', 10);
    now += 10;
    await Promise.all([a.gate.tick(), b.gate.tick()]);
    expect(await a.gate.read()).toBeUndefined();
    expect(await redis().hmget(`${prefix()}:{a}:meta`, 'paused', 'concurrency')).toEqual([null, null]);
  }
});

it('obeys a hold that comes while it probes, and probes on afterwards', async () => {
  const app = appQueue();
  await app.gate.park('403');
  now += 30_000;
  await app.gate.tick();
  expect(await app.gate.hold('QUOTA_EXCEEDED', 5000)).toBe(true);
  expect(app.gate.current).toMatchObject({ state: 'held', probes: 1 });
  now += 5000;
  await app.gate.tick();
  expect(app.gate.current).toMatchObject({ state: 'probing', probes: 1 });
  expect(await redis().hget(`${prefix()}:{a}:meta`, 'concurrency')).toBe('1');
});

it('does not open for a success that is older than the last refusal', async () => {
  const [app, other] = [appQueue(), appQueue()];
  await app.gate.park('403');
  now += 30_000;
  await app.gate.tick();
  await other.gate.tick();
  await other.gate.park('403');
  expect(await app.gate.worked()).toBe(false);
  expect((await app.counts()).paused).toBe(true);
});

it('pauses a parked app again that somebody else has resumed', async () => {
  const app = appQueue();
  await app.gate.park('403');
  await queue().resume();
  expect(await app.gate.park('403')).toBe(false);
  expect((await app.counts()).paused).toBe(true);
});

describe('an outage of the provider', () => {
  const widthOf = async () => Number(await redis().hget(`${prefix()}:{a}:meta`, 'concurrency'));

  it('stops the app for all, probes with a few pushes, and widens by degrees until it runs', async () => {
    const [app, other] = [appQueue(), appQueue()];
    expect(await app.gate.interrupt('503')).toBe(true);
    expect(await other.gate.interrupt('503')).toBe(false);
    expect(app.gate.current).toMatchObject({ state: 'outage', reason: '503', since: now, until: now + 1000 });
    expect((await app.counts()).paused).toBe(true);
    now += 1000;
    await app.gate.tick();
    expect(app.gate.current).toMatchObject({ state: 'probing', probes: 1 });
    expect(await widthOf()).toBe(3);
    expect(await app.gate.worked()).toBe(true);
    const widths: number[] = [];
    while (app.gate.current) {
      expect(app.gate.current.state).toBe('recovering');
      widths.push(await widthOf());
      now += 1000;
      await app.gate.tick();
    }
    expect(widths).toEqual([8, 16, 32, 64, 128, 256, 512, 1024, 2048]);
    expect(await redis().hmget(`${prefix()}:{a}:meta`, 'paused', 'concurrency')).toEqual([null, null]);
  });

  it('waits longer after each probe that fails, and remembers since when', async () => {
    const app = appQueue();
    const since = now;
    await app.gate.interrupt('connect');
    for (const pause of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
      expect(app.gate.current).toMatchObject({ state: 'outage', since, until: now + pause });
      now += pause;
      await app.gate.tick();
      expect(await app.gate.interrupt('connect')).toBe(true);
    }
  });

  it('never hides that the app is parked or held', async () => {
    const app = appQueue();
    await app.gate.interrupt('503');
    expect(await app.gate.park('403')).toBe(true);
    expect(app.gate.current).toMatchObject({ state: 'parked', probes: 0 });
    expect(app.gate.current?.out).toBeUndefined();
    expect(await app.gate.interrupt('503')).toBe(false);
    now += 30_000;
    await app.gate.tick();
    // The probe of a credential that meets an outage says nothing of the credential: it goes on probing.
    expect(await app.gate.interrupt('503')).toBe(false);
    expect(app.gate.current).toMatchObject({ state: 'probing' });
  });

  it('is not forgotten for a quota that is named meanwhile', async () => {
    const app = appQueue();
    await app.gate.interrupt('503');
    expect(await app.gate.hold('QUOTA_EXCEEDED', 20_000)).toBe(true);
    now += 20_000;
    await app.gate.tick();
    expect(app.gate.current).toMatchObject({ state: 'probing' });
    // And one that is named while it probes: it probes on.
    await app.gate.hold('QUOTA_EXCEEDED', 5000);
    now += 5000;
    await app.gate.tick();
    expect(app.gate.current).toMatchObject({ state: 'probing' });
    expect(app.gate.current?.out).toBeDefined();
  });

  it('lets what comes meanwhile go first, and high before low', async () => {
    const app = appQueue();
    const before = await enqueue(3);
    await app.gate.interrupt('503');
    const during = await enqueue(3);
    const low = await enqueue(1, 'low');
    await app.gate.resume();
    const order: string[] = [];
    work((job) => {
      order.push(job.dispatch?.id ?? '');
      return Promise.resolve(done);
    }, 1);
    await eventuallyPasses(() => expect(order).toHaveLength(7));
    expect(order).toEqual([...during.toReversed(), ...before, ...low]);
  });

  it('lets the fresher of the low go first', async () => {
    const app = kit.appQueue(() => Date.now() - 60_000);
    const before = await enqueue(2, 'low');
    await app.gate.interrupt('503');
    const during = await enqueue(2, 'low');
    await app.gate.resume();
    const order: string[] = [];
    work((job) => {
      order.push(job.dispatch?.id ?? '');
      return Promise.resolve(done);
    }, 1);
    await eventuallyPasses(() => expect(order).toHaveLength(4));
    expect(order.slice(0, 2).sort()).toEqual([...during].sort());
    expect(order.slice(2)).toEqual(before);
  });
});
