import fc from 'fast-check';
import { createFairScheduler, REFUSED, type FairScheduler, type FairSchedulerOptions } from './fair-scheduler';
import { jainIndex } from './jain-index.fixture';

/** A scheduler whose tasks end when the test says so, under a clock of the test's own. */
function scheduled(options: Partial<FairSchedulerOptions> = {}) {
  let clock = 0;
  const scheduler: FairScheduler = createFairScheduler({
    concurrency: 2,
    maxInFlight: 8,
    maxWaitMs: 1000,
    perTurn: Infinity,
    perStrainedTurn: Infinity,
    nextTurn: () => undefined,
    ...options,
    now: () => clock,
  });
  const started: string[] = [];
  const refused: string[] = [];
  const running: (() => void)[] = [];
  const submit = (source: string, name = source): void => {
    void scheduler
      .run(source, () => {
        started.push(name);
        return new Promise<void>((resolve) => running.push(resolve));
      })
      .then((result) => result === REFUSED && refused.push(name));
  };
  /** Ends the oldest running tasks. */
  const finish = async (count = 1): Promise<void> => {
    for (const end of running.splice(0, count)) end();
    await settled();
  };
  return { scheduler, started, refused, submit, finish, running, pass: (ms: number) => (clock += ms) };
}

/** Until every promise that can go on has gone on: no timer is involved. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

it('runs at once while fewer run than may, and remembers no source', async () => {
  const { scheduler, started, submit, finish } = scheduled();
  submit('a');
  submit('b');
  expect(started).toEqual(['a', 'b']);
  expect(scheduler.sources()).toBe(0);
  await finish(2);
  submit('a');
  expect(started).toHaveLength(3);
});

it('lets the sources take turns, each in its own order', async () => {
  const { started, submit, finish } = scheduled({ concurrency: 1, maxInFlight: 100 });
  submit('x', 'first');
  for (const name of ['a1', 'a2', 'a3', 'a4']) submit('a', name);
  submit('b', 'b1');
  submit('c', 'c1');
  submit('b', 'b2');
  for (let turn = 0; turn < 8; turn++) await finish();
  expect(started).toEqual(['first', 'a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4']);
});

it('refuses the newest of the source that has most waiting, whoever comes', async () => {
  const { scheduler, refused, submit } = scheduled({ concurrency: 1, maxInFlight: 5 });
  for (const name of ['running', 'a1', 'a2', 'a3', 'a4', 'a5']) submit('a', name);
  await settled();
  expect(refused).toEqual(['a5']);
  expect(scheduler.isOverShare('a')).toBe(true);
  expect(scheduler.isOverShare('b')).toBe(false);
  submit('b', 'b1');
  await settled();
  expect(refused).toEqual(['a5', 'a4']);
  submit('b', 'b2');
  submit('b', 'b3');
  await settled();
  // Two and two: nobody has more than the one who comes.
  expect(refused).toEqual(['a5', 'a4', 'a3', 'b3']);
  expect(scheduler.waiting()).toBe(4);
});

it('refuses what has waited too long instead of working on it', async () => {
  const { started, refused, submit, finish, pass } = scheduled({ concurrency: 1, maxWaitMs: 1000 });
  submit('a', 'running');
  submit('a', 'late');
  pass(1001);
  submit('b', 'fresh');
  await finish();
  expect({ started, refused }).toEqual({ started: ['running', 'fresh'], refused: ['late'] });
});

it('starts few tasks in one turn of the event loop, and the rest in the next ones', async () => {
  const turns: (() => void)[] = [];
  const { started, refused, submit } = scheduled({ concurrency: 100, maxInFlight: 100, perTurn: 2, nextTurn: (next) => turns.push(next) });
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) submit('a', name);
  submit('b');
  expect(started).toEqual(['a1', 'a2']);
  turns.shift()?.();
  expect(started).toEqual(['a1', 'a2', 'a3', 'b']);
  turns.shift()?.();
  turns.shift()?.();
  expect(started).toEqual(['a1', 'a2', 'a3', 'b', 'a4', 'a5']);
  await settled();
  expect({ refused, turns }).toEqual({ refused: [], turns: [] });
});

it('starts fewer in a turn while, and a moment after, more wanted to run than may', async () => {
  const turns: (() => void)[] = [];
  const { started, submit, finish, pass } = scheduled({ concurrency: 3, maxInFlight: 100, perStrainedTurn: 1, nextTurn: (next) => turns.push(next) });
  for (const name of ['a1', 'a2', 'a3', 'a4', 'a5']) submit('a', name);
  expect(started).toEqual(['a1', 'a2', 'a3']);
  turns.shift()?.();
  for (let index = 0; index < 3; index++) await finish();
  expect(started).toEqual(['a1', 'a2', 'a3', 'a4']);
  turns.shift()?.();
  expect(started).toEqual(['a1', 'a2', 'a3', 'a4', 'a5']);
  pass(1001);
  for (let index = 0; index < 2; index++) await finish();
  turns.shift()?.();
  for (const name of ['b1', 'b2']) submit('b', name);
  expect(started.slice(5)).toEqual(['b1', 'b2']);
});

it('goes on after a task that failed', async () => {
  const scheduler = createFairScheduler({ concurrency: 1, perTurn: 1, perStrainedTurn: 1, nextTurn: setImmediate, maxInFlight: 2, maxWaitMs: 1000, now: () => 0 });
  const failed = scheduler.run('a', () => Promise.reject(new Error('x')));
  const next = scheduler.run('a', () => Promise.resolve('ran'));
  await expect(failed).rejects.toThrow('x');
  expect(await next).toBe('ran');
});

it('runs no more than may, holds no more than may, answers everyone once and forgets all, whatever comes', async () => {
  const step = fc.record({ source: fc.integer({ min: 0, max: 5 }), finish: fc.integer({ min: 0, max: 3 }), ms: fc.nat(600) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 3 }),
      async (steps, concurrency, maxInFlight, perTurn) => {
        const options = { concurrency, maxInFlight, perTurn, perStrainedTurn: 1, nextTurn: setImmediate };
        const { scheduler, started, refused, submit, finish, running, pass } = scheduled(options);
        for (const { source, finish: count, ms } of steps) {
          submit(`s${source}`);
          pass(ms);
          await finish(count);
          expect(running.length).toBeLessThanOrEqual(concurrency);
          expect(running.length + scheduler.waiting()).toBeLessThanOrEqual(Math.max(maxInFlight, 1));
          expect(scheduler.sources()).toBeLessThanOrEqual(scheduler.waiting());
        }
        while (running.length > 0 || scheduler.waiting() > 0) await finish(running.length);
        expect(started.length + refused.length).toBe(steps.length);
        expect([scheduler.waiting(), scheduler.sources()]).toEqual([0, 0]);
      },
    ),
    { numRuns: 100 },
  );
});

/** Served tasks of each source when the first sends `factor` times as much as each of the nine others, in an ingress that has room for half. */
async function serve(factor: number) {
  const others = Array.from({ length: 9 }, (_, index) => `s${index}`);
  const { started, refused, submit, finish, scheduler } = scheduled({ concurrency: 10, maxInFlight: 100 });
  const perRound = (factor + others.length) / 2;
  for (let round = 0; round < 200; round++) {
    for (let sent = 0; sent < factor; sent++) submit('heavy');
    for (const source of others) submit(source);
    for (let served = 0; served < perRound; served += 10) await finish(10);
  }
  const count = (names: readonly string[], source: string) => names.filter((name) => name === source).length;
  return {
    served: others.map((source) => count(started, source)),
    refused: others.map((source) => count(refused, source)),
    heavy: count(started, 'heavy'),
    waiting: scheduler.waiting(),
  };
}

it('a source that sends 100 times as much costs the others no request', async () => {
  const { served, refused, heavy, waiting } = await serve(100);
  expect(jainIndex(served)).toBeGreaterThanOrEqual(0.95);
  expect(refused).toEqual(served.map(() => 0));
  for (const count of served) expect(count).toBeGreaterThanOrEqual(200 - 2);
  // It gets what the others leave.
  expect(heavy).toBeGreaterThan(5000);
  expect(waiting).toBeLessThanOrEqual(90);
});
