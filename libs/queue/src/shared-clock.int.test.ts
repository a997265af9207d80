import { eventuallyPasses } from '@reveille/testing';
import { createSharedClock, type SharedClock } from './shared-clock';
import { useTestQueue } from './test-queue';

const { redis, prefix, work, enqueue } = useTestQueue();

const TEN_MINUTES = 600_000;

it.each([TEN_MINUTES, -TEN_MINUTES])('is the time of Redis, on a host that is %s ms off, and stays it when the host is set', async (off) => {
  let offNow = off;
  const clock = createSharedClock({ redis: redis(), local: () => Date.now() + offNow });
  try {
    await eventuallyPasses(() => expect(Math.abs(clock.ahead() + offNow)).toBeLessThan(1000));
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1000);
    offNow = 0;
    expect(Math.abs(clock.ahead())).toBeLessThan(1000);
  } finally {
    clock.stop();
  }
});

it('takes a slow answer rather than none, and a quick one rather than that', async () => {
  let steps = 0;
  let isSlow = true;
  // Each look at the clock is 200 ms after the last one: question and answer are 400 ms apart as this host sees it.
  const clock = createSharedClock({
    redis: redis(),
    local: () => Date.now() + TEN_MINUTES,
    monotonic: () => performance.now() + (isSlow ? 200 * ++steps : 200 * steps),
  });
  try {
    await clock.synchronised;
    isSlow = false;
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(5000);
    await eventuallyPasses(() => expect(Math.abs(clock.now() - Date.now())).toBeLessThan(100));
  } finally {
    clock.stop();
  }
});

it.each([
  ['behind', TEN_MINUTES],
  ['ahead', -TEN_MINUTES],
])('repeats after the delay of the verdict on a host whose clock is ten minutes %s', async (_name, ahead) => {
  const clock: SharedClock = { now: () => Date.now() + ahead, ahead: () => ahead, synchronised: Promise.resolve(), stop: () => undefined };
  await enqueue(1);
  let attempts = 0;
  const scores: number[] = [];
  const worker = work(() => {
    attempts++;
    return Promise.resolve(attempts < 3 ? { kind: 'retry', delayMs: 30, reason: '503' } : { kind: 'done', end: 'delivered' });
  }, 10, clock);
  await eventuallyPasses(async () => {
    const [, score] = await redis().zrange(`${prefix()}:{a}:delayed`, '0', '0', 'WITHSCORES');
    if (score !== undefined) scores.push(Number(score) / 0x1000);
    expect(attempts).toBe(3);
  }, { intervalMs: 1 });
  await worker.close(1000);
  // What waited was due by the shared clock, not by the host's.
  expect(scores.length).toBeGreaterThan(0);
  for (const score of scores) expect(Math.abs(score - clock.now())).toBeLessThan(10_000);
});
