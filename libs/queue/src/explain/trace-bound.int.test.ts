import { eventuallyPasses } from '@reveille/testing';
import fc from 'fast-check';
import { readRecords } from './trace-records';
import { DEAD, useTestExplain } from './test-explain';

const { accept, work, explain, redis, base } = useTestExplain();

const START = 1_800_000_000_000;
const KEEP_MS = 1000;

interface Remembered {
  readonly event: string;
  readonly device: string;
  readonly id: string | undefined;
  readonly at: number;
}

async function remembered(): Promise<Remembered[]> {
  const start = `${base()}trace:`;
  const keys = await redis().keys(`${start}*`);
  const found = await Promise.all(
    keys.map(async (key) =>
      Object.entries(await redis().hgetall(key)).flatMap(([device, value]) =>
        readRecords(value).map(({ id, at }): Remembered => ({ event: key.slice(start.length), device, id, at })),
      ),
    ),
  );
  return found.flat();
}

const names = (name: string, count: number) => fc.integer({ min: 1, max: count }).map((number) => `${name}-${number}`);
const batch = fc.record({
  pushes: fc.array(fc.record({ eventHash: names('event', 5), deviceHash: names('device', 4) }), { minLength: 1, maxLength: 12 }),
  /** Hosts whose clocks differ: time may go back. */
  later: fc.integer({ min: -50, max: 400 }),
  maxPushes: fc.integer({ min: 1, max: 8 }),
  forgetsSeen: fc.boolean(),
});

it('remembers never more than it may, and everything that is remembered will be forgotten', async () => {
  const property = fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 12 }), async (batches) => {
    await redis().flushall();
    await redis().set(`${base()}${DEAD}device-4`, '1');
    let at = START;
    let before = 0;
    for (const { pushes, later, maxPushes, forgetsSeen } of batches) {
      at += later;
      const seen = await redis().keys(`${base()}seen:*`);
      if (forgetsSeen && seen.length > 0) await redis().del(...seen);
      await accept(pushes, { at, maxPushes, keepMs: KEEP_MS });
      const order = await redis().llen(`${base()}trace-order`);
      const records = await remembered();
      expect(records.length).toBeLessThanOrEqual(order);
      // A limit that was made smaller is reached with what comes later.
      expect(order).toBeLessThanOrEqual(Math.max(maxPushes, before));
      before = order;
      // Each has an entry by which it will be forgotten: its own.
      const entries = new Set(await redis().lrange(`${base()}trace-order`, 0, -1));
      for (const { event, device, at: acceptedAt } of records) expect(entries).toContain(`${event}:${device}:${acceptedAt}`);
      // And everything ends by itself when nothing comes any more.
      for (const key of await redis().keys(`${base()}trace*`)) expect(await redis().pttl(key)).toBeGreaterThan(0);
    }
  });
  await fc.assert(property, { numRuns: 60 });
});

it('forgets the oldest first', async () => {
  for (let number = 1; number <= 10; number += 1) await accept([{ eventHash: `event-${number}` }], { at: START + number, maxPushes: 4 });
  expect((await remembered()).map(({ event }) => event).sort()).toEqual(['event-10', 'event-7', 'event-8', 'event-9']);
});

it('a smaller limit is reached with the pushes that come, ten at a time', async () => {
  await accept(Array.from({ length: 30 }, (_, index) => ({ deviceHash: `device-${index}` })), { at: START });
  const sizes: number[] = [];
  for (let number = 1; number <= 4; number += 1) {
    await accept([{ eventHash: `later-${number}` }], { at: START + number, maxPushes: 2 });
    sizes.push((await remembered()).length);
  }
  expect(sizes).toEqual([20, 10, 2, 2]);
});

it('forgets by age as well, with the pushes that come', async () => {
  await accept(Array.from({ length: 8 }, (_, index) => ({ deviceHash: `device-${index}` })), { at: START, keepMs: 60_000 });
  await accept([{ eventHash: 'young' }], { at: START + 30_000, keepMs: 60_000 });
  await accept([{ eventHash: 'new' }], { at: START + 60_000, keepMs: 60_000 });
  expect((await remembered()).map(({ event }) => event).sort()).toEqual(['new', 'young']);
  expect(await redis().llen(`${base()}trace-order`)).toBe(2);
});

it('is forgotten when nothing comes any more', async () => {
  await accept([{}], { keepMs: 100 });
  await eventuallyPasses(async () => expect(await redis().keys(`${base()}trace*`)).toEqual([]));
});

it('what was forgotten is not made again: not by its end, by a duplicate, or by being told', async () => {
  await accept([{ id: 'one' }]);
  await redis().del(`${base()}trace:event-1`);
  expect(await accept([{}])).toEqual(['duplicate']);
  work(() => ({ kind: 'done', end: 'delivered' }));
  await eventuallyPasses(async () => expect(await redis().exists(`${base()}one`)).toBe(0));
  expect(await redis().exists(`${base()}trace:event-1`)).toBe(0);
  expect((await explain()).devices).toEqual([]);
});

it('a homeserver that is told again and again pushes nothing out', async () => {
  await redis().set(`${base()}${DEAD}dead`, '1');
  await accept([{}], { maxPushes: 3 });
  for (let time = 0; time < 20; time += 1) await accept([{ deviceHash: 'dead' }], { maxPushes: 3 });
  expect((await remembered()).map(({ device, id }) => [device, id === undefined])).toEqual(
    expect.arrayContaining([['device-1', false], ['dead', true]]),
  );
});

describe('what it costs', () => {
  /** Commands that Redis ran, those within scripts included. */
  async function commandsOf(run: () => Promise<unknown>): Promise<Record<string, number>> {
    await redis().config('RESETSTAT');
    await run();
    const lines = (await redis().info('commandstats')).matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
    return Object.fromEntries([...lines].map(([, name = '', calls]) => [name, Number(calls)]));
  }
  /** How many more commands of each kind there are with the trace than without. */
  async function added(run: (enabled: boolean) => Promise<unknown>): Promise<Record<string, number>> {
    const without = await commandsOf(() => run(false));
    const withTrace = await commandsOf(() => run(true));
    const differences = Object.entries(withTrace).map(([name, calls]) => [name, calls - (without[name] ?? 0)] as const);
    return Object.fromEntries(differences.filter(([name, more]) => more !== 0 && !/^(?:config|info|eval|evalsha)/.test(name)));
  }
  const PUSHES = 20;
  const pushes = (part: string) => Array.from({ length: PUSHES }, (_, index) => ({ eventHash: `${part}-${index}` }));

  it('accepting: two commands for a push and three for a batch; four more for a push while as many are forgotten', async () => {
    // The first push of the hour opens its ledger.
    await accept([{ eventHash: 'other' }], { enabled: false });
    expect(await added((enabled) => accept(pushes(`room-${enabled}`), { enabled, maxPushes: PUSHES }))).toEqual({ hsetnx: PUSHES, pexpire: PUSHES + 1, lpush: 1, lindex: 1 });
    expect(await added((enabled) => accept(pushes(`full-${enabled}`), { enabled, maxPushes: PUSHES }))).toEqual({
      ...{ hsetnx: PUSHES, pexpire: PUSHES + 1, lpush: 1 },
      ...{ lindex: PUSHES + 1, rpop: PUSHES, hget: PUSHES, hdel: PUSHES },
    });
  });

  it('ending: two commands, one of them a look', async () => {
    const end = async (enabled: boolean): Promise<void> => {
      const worker = work(() => ({ kind: 'done', end: 'delivered' }), { enabled });
      await eventuallyPasses(async () => expect(await redis().zcard(`${base()}open`)).toBe(0));
      await worker.close(1000);
    };
    const run = async (enabled: boolean): Promise<Record<string, number>> => {
      await accept(pushes(`end-${enabled}`));
      const { hget = 0, hset = 0 } = await commandsOf(() => end(enabled));
      return { hget, hset };
    };
    const [without, withTrace] = [await run(false), await run(true)];
    // Others ask as well, not always as often.
    expect((withTrace.hset ?? 0) - (without.hset ?? 0)).toBe(PUSHES);
    expect(withTrace.hget).toBeLessThan((without.hget ?? 0) + 2 * PUSHES);
  });
});
