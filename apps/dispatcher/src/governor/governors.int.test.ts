import { connectWorker, quotaKey, type RedisClient } from '@reveille/queue';
import { makeQuota, type SimulatedQuota } from '@reveille/simulator';
import { useTestRedis } from '@reveille/testing';
import { randomUUID } from 'node:crypto';
import { simulateTime, startTestGovernor, type SimulatedTime, type TestGovernor, type TestGovernorOptions } from './test-governors';

/** FCM's quota on a small scale; its minutes begin we know not when. */
const PER_MINUTE = 3000;
const MINUTE_MS = 60_000;

let redis: RedisClient;
let time: SimulatedTime;
let quota: SimulatedQuota;
let key: string;
let started: TestGovernor[];

useTestRedis(connectWorker, (client) => (redis = client));
beforeEach(() => {
  time = simulateTime();
  quota = makeQuota(time.now);
  key = quotaKey('test', randomUUID());
  started = [];
});
afterEach(async () => {
  for (const governor of started) governor.die();
  await time.pass(100);
});

function provide(count: number): void {
  quota.set({ project: { count, windowMs: MINUTE_MS, startsAt: time.now() + 17_000 } });
}
function dispatcher(options: Partial<TestGovernorOptions> = {}): TestGovernor {
  const governor = startTestGovernor({ time, redis, key, perMinute: PER_MINUTE, quota, ...options });
  started.push(governor);
  return governor;
}
/** Of the whole windows since `from`, which part was used, and which part of the requests was refused. */
function usage(from: number, count: number) {
  const whole = quota.windows().filter((window) => window.from >= from && window.from + MINUTE_MS <= time.now());
  const admitted = whole.reduce((sum, window) => sum + window.admitted, 0);
  const refused = whole.reduce((sum, window) => sum + window.refused, 0);
  return { windows: whole.length, used: admitted / (count * whole.length), refused: refused / (admitted + refused) };
}


test('two dispatchers use 95 % of a quota and more, with 0.5 % of 429s at most, in equal parts', async () => {
  provide(PER_MINUTE);
  const [one, other] = [dispatcher(), dispatcher()];
  one.work(50);
  other.work(50);
  const from = time.now();
  await time.pass(4 * MINUTE_MS);
  const { windows, used, refused } = usage(from, PER_MINUTE);
  expect(windows).toBe(3);
  expect(used).toBeGreaterThanOrEqual(0.95);
  expect(refused).toBeLessThanOrEqual(0.005);
  const all = one.delivered() + other.delivered();
  expect(one.delivered() / all).toBeCloseTo(0.5, 1);
  // However many pushes: so often does one ask that is short of them.
  expect(one.calls() + other.calls()).toBeLessThan(all / 5);
});

test('who needs little gets it, the others share the rest', async () => {
  provide(PER_MINUTE);
  const [small, one, other] = [dispatcher(), dispatcher(), dispatcher()];
  // 5 pushes a second, of 50.
  small.work(1, 140);
  one.work(50);
  other.work(50);
  await time.pass(2 * MINUTE_MS);
  expect(small.delivered()).toBeGreaterThan(2 * 5 * 60 * 0.7);
  expect(one.delivered() / (one.delivered() + other.delivered())).toBeCloseTo(0.5, 1);
});

test('the share of a dispatcher that died goes to the others, and one that comes gets its own without a ramp', async () => {
  provide(PER_MINUTE);
  const ramp = { rampMs: MINUTE_MS };
  const [one, other] = [dispatcher(ramp), dispatcher(ramp)];
  one.work(50);
  other.work(50);
  await time.pass(1.5 * MINUTE_MS);
  const from = time.now();
  other.die();
  await time.pass(2 * MINUTE_MS);
  const third = dispatcher(ramp);
  third.work(50);
  const [before, started] = [one.delivered(), time.now()];
  await time.pass(2 * MINUTE_MS);
  const { windows, used, refused } = usage(from, PER_MINUTE);
  expect(windows).toBe(3);
  expect(used).toBeGreaterThanOrEqual(0.95);
  expect(refused).toBeLessThanOrEqual(0.005);
  expect(usage(started, PER_MINUTE).used).toBeGreaterThanOrEqual(0.95);
  expect(third.delivered() / (third.delivered() + one.delivered() - before)).toBeCloseTo(0.5, 1);
});

describe('the ramp', () => {
  /** From a tenth to all in a minute, evenly: 55 % of the minute's quota. */
  const RAMP_PART = 0.55;

  test('after a start, of all dispatchers together', async () => {
    provide(1_000_000);
    const ramp = { rampMs: MINUTE_MS };
    const [one, other] = [dispatcher(ramp), dispatcher(ramp)];
    one.work(50);
    other.work(50);
    await time.pass(MINUTE_MS / 2);
    const half = one.delivered() + other.delivered();
    expect(half / (PER_MINUTE * (0.1 + 0.55) / 4)).toBeCloseTo(1, 0);
    await time.pass(MINUTE_MS / 2);
    expect((one.delivered() + other.delivered()) / PER_MINUTE).toBeCloseTo(RAMP_PART, 1);
  });

  test('after an outage again', async () => {
    provide(1_000_000);
    let isOut = false;
    const one = dispatcher({ rampMs: MINUTE_MS, isOut: () => isOut });
    one.work(50);
    await time.pass(2 * MINUTE_MS);
    isOut = true;
    await time.pass(20_000);
    isOut = false;
    const before = one.delivered();
    await time.pass(MINUTE_MS);
    expect((one.delivered() - before) / PER_MINUTE).toBeCloseTo(RAMP_PART, 1);
  });

  test('none after a pause without pushes', async () => {
    provide(1_000_000);
    const one = dispatcher({ rampMs: MINUTE_MS });
    await time.pass(5 * MINUTE_MS);
    one.work(50);
    await time.pass(MINUTE_MS);
    expect(one.delivered() / PER_MINUTE).toBeGreaterThan(0.95);
  });
});

describe('refusals', () => {
  test('a quota that is half of what is published is found, mostly used, and outgrown again', async () => {
    provide(PER_MINUTE / 2);
    const [one, other] = [dispatcher(), dispatcher()];
    one.work(50);
    other.work(50);
    await time.pass(3 * MINUTE_MS);
    const from = time.now();
    await time.pass(6 * MINUTE_MS);
    const found = usage(from, PER_MINUTE / 2);
    expect(found.used).toBeGreaterThanOrEqual(0.9);
    expect(found.refused).toBeLessThanOrEqual(0.01);
    provide(PER_MINUTE);
    await time.pass(7 * MINUTE_MS);
    expect(usage(time.now() - 2 * MINUTE_MS, PER_MINUTE).used).toBeGreaterThanOrEqual(0.95);
  });

  test('nothing is sent before the time that the provider named', async () => {
    provide(PER_MINUTE);
    const [one, other] = [dispatcher(), dispatcher()];
    one.work(50);
    other.work(50);
    await time.pass(10_000);
    await time.during(one.budget.refused(time.now(), 30_000));
    // What was leased before is used up by then.
    await time.pass(2000);
    const before = one.delivered() + other.delivered();
    await time.pass(27_000);
    expect(one.delivered() + other.delivered()).toBe(before);
    await time.pass(10_000);
    expect(one.delivered() + other.delivered()).toBeGreaterThan(before);
  });
});

test('while Redis is away each dispatcher goes on with its part of the quota', async () => {
  provide(PER_MINUTE);
  let isThere = true;
  const away = { isRedisThere: () => isThere };
  const [one, other] = [dispatcher(away), dispatcher(away)];
  one.work(50);
  other.work(50);
  await time.pass(30_000);
  const [from, calls] = [time.now(), one.calls()];
  isThere = false;
  await time.pass(2 * MINUTE_MS);
  expect(one.calls()).toBe(calls);
  isThere = true;
  await time.pass(2 * MINUTE_MS);
  const { used, refused } = usage(from, PER_MINUTE);
  expect(used).toBeGreaterThanOrEqual(0.95);
  expect(refused).toBeLessThanOrEqual(0.005);
});

test('far below the quota no push waits for its turn but the first', async () => {
  provide(1_000_000);
  const one = dispatcher({ perMinute: 600_000 });
  // 100 pushes a second.
  one.work(10, 40);
  await time.pass(20_000);
  const ideal = 20_000 / (60 + 40) * 10;
  expect(one.delivered()).toBeGreaterThan(ideal * 0.8);
  expect(one.calls()).toBeLessThan(one.delivered() / 5);
});
