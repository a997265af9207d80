import type { Dispatch } from '@reveille/provider';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { createDispatchCodec } from '../dispatch-codec';
import { createScript } from '../script';
import { useTestQueue } from '../test-queue';
import { failedIndexLua } from './failed-index-lua';
import { matchesFailed, type FailedCause, type FailedFilter, type FilteredPush } from './failed-filter';
import { createFailedPushes } from './failed-pushes';
import type { FailedPushes } from './failed-types';
import { putFailed } from './put-failed';

const { redis, prefix } = useTestQueue();

const APPS = ['a', 'com.example.*'];
const base = (app: string) => `${prefix()}:{${app}}:`;
const failedPushes = (apps = APPS): FailedPushes =>
  createFailedPushes({ redis: redis(), prefix: prefix(), apps: () => Promise.resolve(apps), codec: createDispatchCodec() });

/** As the trimming of the scripts that fill the set, and as a replay takes one out. */
const TRIM = createScript(`local base = KEYS[1]
${failedIndexLua}
return failedTrim(tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), 1000)`);
const TAKE_OUT = createScript(`local base = KEYS[1]
${failedIndexLua}
failedDrop(ARGV[1])
redis.call('HDEL', base .. ARGV[1], 'failedReason', 'finishedOn', 'atm')
return redis.call('ZREM', failedKey, ARGV[1])`);

/** What there should be, oldest first. */
class Model {
  pushes: FilteredPush[] = [];

  add(push: FilteredPush): void {
    this.pushes.push(push);
    this.pushes.sort((a, b) => a.failedAt - b.failedAt || (a.id < b.id ? -1 : 1));
  }
  trim(app: string, now: number, maxAge: number, maxCount: number): void {
    const ofApp = this.pushes.filter((one) => one.app === app);
    const kept = ofApp.slice(Math.max(0, ofApp.length - maxCount)).filter(({ failedAt }) => failedAt > now - maxAge);
    this.pushes = this.pushes.filter((one) => one.app !== app || kept.includes(one));
  }
  remove(id: string): void {
    this.pushes = this.pushes.filter((one) => one.id !== id);
  }
  matching(filter: FailedFilter): FilteredPush[] {
    return this.pushes.filter((one) => matchesFailed(filter, one));
  }
}

const START = 1_700_000_000_000;
const time = fc.integer({ min: 0, max: 12 }).map((tick) => START + tick);
const app = fc.constantFrom(...APPS);
const hash = (letter: string) => fc.constantFrom(`${letter}1`, `${letter}-2`, `${letter}_3`);
const cause = fc.record<FailedCause>(
  {
    outcome: fc.constantFrom('dead', 'expired'),
    reason: fc.constantFrom('deadline', 'poison', 'payload-too-large'),
    providerStatus: fc.constantFrom(400, 503),
    // From a table of ours in truth; whatever it is, it stays in its place.
    providerReason: fc.constantFrom('Unknown', 'c:1:', ':;\\"\u00fc{}', '503'),
  },
  { requiredKeys: ['outcome', 'reason'] },
);
const attempts = fc.constantFrom(0, 1, 2, 49, 50, 51, 70);
const push = fc.record<Omit<FilteredPush, 'id' | keyof FailedCause>>(
  { app, failedAt: time, attempts, deviceHash: hash('d'), eventHash: hash('e'), roomHash: hash('r') },
  { requiredKeys: ['app', 'failedAt', 'attempts', 'deviceHash'] },
);
const anyFilter = fc.record(
  {
    app,
    outcome: fc.constantFrom('dead' as const, 'expired' as const),
    reason: fc.constantFrom('deadline', 'poison', 'crashed'),
    providerStatus: fc.constantFrom(400, 503, null),
    providerReason: fc.constantFrom('Unknown', ':;\\"\u00fc{}', null),
    since: time,
    until: time,
    deviceHash: hash('d'),
    eventHash: hash('e'),
    roomHash: hash('r'),
    attemptsMin: attempts,
    attemptsMax: attempts,
  },
);
type AnyFilter = typeof anyFilter extends fc.Arbitrary<infer Value> ? Value : never;
const NAMES = ['app', 'outcome', 'reason', 'providerStatus', 'providerReason', 'since', 'until', 'deviceHash', 'eventHash', 'roomHash', 'attemptsMin', 'attemptsMax'] as const satisfies readonly (keyof AnyFilter)[];
/** A few conditions at a time: more would find nothing. */
const filter = fc.tuple(anyFilter, fc.subarray([...NAMES], { maxLength: 4 })).map(([all, names]): FailedFilter => Object.fromEntries(names.map((name) => [name, all[name]])));
type Step =
  | { readonly kind: 'fail'; readonly pushes: readonly Omit<FilteredPush, 'id'>[] }
  | { readonly kind: 'take-out'; readonly which: number }
  | { readonly kind: 'trim'; readonly app: string; readonly now: number; readonly maxAge: number; readonly maxCount: number };
const pushes = fc.array(fc.tuple(push, cause).map(([one, why]) => ({ ...one, ...why })), { minLength: 1, maxLength: 12 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('fail' as const), pushes }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('take-out' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('trim' as const), app, now: time, maxAge: fc.nat(10), maxCount: fc.nat(20) }) },
);

it('finds what a search through everything would find, whatever failed, was trimmed and taken out', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), fc.array(filter, { minLength: 4, maxLength: 4 }), fc.integer({ min: 1, max: 7 }), async (steps, filters, limit) => {
      await redis().flushall();
      const model = new Model();
      for (const each of steps) await run(each, model);
      for (const each of [{}, ...filters]) await expectFound(each, model, limit);
      for (const key of APPS) await expectNothingElse(key, model);
    }),
    { numRuns: 40 },
  );
});

async function run(each: Step, model: Model): Promise<void> {
  switch (each.kind) {
    case 'fail':
      for (const one of each.pushes) await fail({ id: randomUUID(), ...one }, model);
      return;
    case 'take-out': {
      const one = model.pushes[each.which % Math.max(1, model.pushes.length)];
      if (!one) return;
      expect(await TAKE_OUT.run(redis(), base(one.app), [one.id])).toBe(1);
      model.remove(one.id);
      return;
    }
    case 'trim':
      await TRIM.run(redis(), base(each.app), [each.now, each.maxAge, each.maxCount]);
      model.trim(each.app, each.now, each.maxAge, each.maxCount);
      return;
    default:
      return each satisfies never;
  }
}

async function fail(one: FilteredPush, model: Model): Promise<void> {
  await putFailed({ redis: redis(), prefix: prefix(), appKey: one.app }, [
    {
      dispatch: dispatchOf(one),
      letter: {
        outcome: one.outcome === 'dead' ? 'dead' : 'expired',
        reason: one.reason,
        ...(one.providerStatus !== undefined && { provider_status: one.providerStatus }),
        ...(one.providerReason !== undefined && { provider_reason: one.providerReason }),
      },
      failedAt: one.failedAt,
      attempts: one.attempts,
    },
  ]);
  model.add(one);
}

function dispatchOf({ id, app: appId, failedAt, deviceHash = '', eventHash, roomHash }: FilteredPush): Dispatch {
  return {
    id,
    kind: 'event',
    acceptedAt: failedAt - 1000,
    deadline: failedAt,
    deviceHash,
    ...(eventHash !== undefined && { eventHash }),
    ...(roomHash !== undefined && { roomHash }),
    device: { appId, pushkey: 'p', defaultPayload: { kind: 'absent' } },
    notification: { userIsTarget: false, priority: 'high', counts: {} },
  };
}

/** Page by page, by cause, oldest first and in numbers. */
async function expectFound(each: FailedFilter, model: Model, limit: number): Promise<void> {
  const failed = failedPushes();
  const expected = model.matching(each);
  const found: unknown[] = [];
  let cursor: string | undefined;
  do {
    const page = await failed.search(each, { cursor, limit });
    expect(page.total).toBe(expected.length);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  expect(found).toEqual(expected.toReversed().map((one) => ({ ...one, acceptedAt: one.failedAt - 1000, deadline: one.failedAt, replayed: 0 })));

  // A cursor from somewhere else does not lead out of the time that is asked for.
  const { items: ahead } = await failed.search(each, { cursor: `${START + 20}:x`, limit: 200 });
  expect(ahead).toEqual(found);

  const { causes } = await failed.causes(each);
  expect(causes.reduce((sum, { count }) => sum + count, 0)).toBe(expected.length);
  for (const { count, firstAt, lastAt, ...why } of causes) {
    const { providerStatus = null, providerReason = null } = why;
    const ofCause = model.matching({ ...each, app: why.app, providerStatus, providerReason }).filter((one) => one.outcome === why.outcome && one.reason === why.reason);
    expect({ count, firstAt, lastAt }).toEqual({ count: ofCause.length, firstAt: ofCause[0]?.failedAt, lastAt: ofCause.at(-1)?.failedAt });
  }

  const { app: _app, ...rest } = each;
  for (const key of APPS) {
    const ofApp = model.matching({ ...rest, app: key }).map(({ failedAt, id }) => ({ failedAt, id }));
    expect(await failed.count(key, each)).toBe(ofApp.length);
    const until = START + 9;
    const old = ofApp.filter(({ failedAt }) => failedAt <= until);
    const first = await failed.oldestFirst(key, each, { after: undefined, until, limit });
    expect(first).toEqual(old.slice(0, limit));
    expect(await failed.oldestFirst(key, each, { after: { failedAt: START - 1, id: 'x' }, until, limit })).toEqual(first);
    expect(await failed.oldestFirst(key, each, { after: first.at(-1), until, limit: 1000 })).toEqual(old.slice(first.length));
  }
}

/** The set and its index are the same pushes, and no cause is left of those that are gone. */
async function expectNothingElse(key: string, model: Model): Promise<void> {
  const ofApp = model.pushes.filter((one) => one.app === key);
  expect(await redis().zrange(`${base(key)}failed`, '0', '-1')).toEqual(ofApp.map(({ id }) => id));
  const entries = ofApp.reduce((sum, { eventHash, roomHash }) => sum + 2 + (eventHash ? 1 : 0) + (roomHash ? 1 : 0), 0);
  expect(await redis().zcard(`${base(key)}failed:index`)).toBe(entries);
  const causes = new Set(ofApp.map((one) => JSON.stringify([one.outcome, one.reason, one.providerStatus, one.providerReason, Math.min(one.attempts, 50)])));
  const { last: _last, ...numbered } = await redis().hgetall(`${base(key)}failed:causes`);
  expect(Object.keys(numbered).length).toBe(causes.size);
}
