import fc from 'fast-check';
import { jainIndex } from './jain-index.fixture';
import { createQueueShare } from './queue-share';

/** Numbers from 0 to 1 that are the same in every run (Lehmer's generator, with the constants of MINSTD). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

interface Load {
  /** Pushes a second that each source wants to send. */
  readonly rates: Readonly<Record<string, number>>;
  /** Pushes a second that the dispatchers take out. */
  readonly drained: number;
  readonly limit: number;
  readonly seconds: number;
  readonly shared?: boolean;
}

/** A queue of `limit` in a virtual time of steps of 10 ms, with an ingress in front that hears of the fill in each step. */
function simulate({ rates, drained, limit, seconds, shared = true }: Load) {
  let clock = 0;
  let depth = 0;
  const random = seeded(7);
  const share = createQueueShare({ now: () => clock, random });
  const sources = Object.keys(rates);
  const counts = new Map(sources.map((source) => [source, { sent: 0, refused: 0 }]));
  const STEP_MS = 10;
  for (; clock < seconds * 1000; clock += STEP_MS) {
    depth = Math.max(0, depth - (drained * STEP_MS) / 1000);
    const arrivals = sources.flatMap((source) => {
      // Arrivals without memory, as of many users.
      const expected = ((rates[source] ?? 0) * STEP_MS) / 1000;
      return Array.from({ length: Math.floor(expected) + (random() < expected % 1 ? 1 : 0) }, () => ({ source, at: random() }));
    });
    for (const { source } of arrivals.toSorted((a, b) => a.at - b.at)) {
      const enters = (!shared || share.mayEnter('app', source, 1)) && depth < limit;
      if (enters) depth++;
      const count = counts.get(source);
      // Not the filling up is measured but what it settles at.
      if (!count || clock < 20_000) continue;
      count.sent++;
      if (!enters) count.refused++;
    }
    share.onFill('app', Math.min(1, depth / limit));
  }
  const part = (source: string) => 1 - (counts.get(source)?.refused ?? 0) / (counts.get(source)?.sent ?? 1);
  return { share, depth, part, parts: sources.map(part), accepted: sources.map((source) => (counts.get(source)?.sent ?? 0) * part(source)) };
}

const others = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`s${index}`, 20]));
const heavy = { ...others, heavy: 2000 };

it('a source that sends 100 times as much is refused, the others are not', () => {
  const { parts, accepted, depth } = simulate({ rates: heavy, drained: 500, limit: 2000, seconds: 60 });
  expect(jainIndex(accepted.slice(0, 10))).toBeGreaterThanOrEqual(0.95);
  for (const part of parts.slice(0, 10)) expect(part).toBeGreaterThan(0.99);
  // It gets what is left over: 300 of its 2000 a second.
  expect(parts[10]).toBeGreaterThan(0.1);
  expect(parts[10]).toBeLessThan(0.2);
  expect(depth).toBeLessThan(2000);
});

it('without that, the others would be refused as much as the heavy one', () => {
  const { parts } = simulate({ rates: heavy, drained: 500, limit: 2000, seconds: 60, shared: false });
  for (const part of parts) expect(part).toBeLessThan(0.5);
});

it('where there is less than the others want alone, everybody gets the same', () => {
  const { accepted } = simulate({ rates: heavy, drained: 110, limit: 2000, seconds: 120 });
  expect(jainIndex(accepted)).toBeGreaterThanOrEqual(0.95);
  for (const count of accepted) expect(count).toBeGreaterThan(0);
});

it('a source that is alone fills the queue to its limit', () => {
  const share = createQueueShare({ now: () => 0, random: () => 0.999 });
  share.onFill('app', 0.99);
  for (let push = 0; push < 100; push++) expect(share.mayEnter('app', 'alone', 1)).toBe(true);
});

it('a source that begins while others fill the queue gets its share as well', () => {
  const { part } = simulate({ rates: { ...heavy, late: 1 }, drained: 500, limit: 2000, seconds: 60 });
  expect(part('late')).toBeGreaterThan(0.95);
});

it('lets everybody in while the queue is less than half full, and keeps nothing', () => {
  const { parts, share } = simulate({ rates: heavy, drained: 5000, limit: 2000, seconds: 30 });
  expect(parts).toEqual(parts.map(() => 1));
  expect([share.isActive(), share.sources()]).toEqual([false, 0]);
});

describe('memory', () => {
  function filling() {
    let clock = 0;
    const share = createQueueShare({ now: () => clock, random: seeded(1) });
    return { share, pass: (ms: number) => (clock += ms) };
  }

  it('of sources is bounded', () => {
    const { share } = filling();
    share.onFill('app', 0.9);
    for (let source = 0; source < 20_000; source++) share.mayEnter('app', `s${source}`, 1);
    expect(share.sources()).toBeLessThanOrEqual(10_001);
  });

  it('of idle sources fades, and of a queue with room ends', () => {
    const { share, pass } = filling();
    share.onFill('app', 0.9);
    for (let source = 0; source < 100; source++) share.mayEnter('app', `s${source}`, 1);
    expect(share.sources()).toBe(100);
    pass(20_000);
    share.onFill('app', 0.9);
    share.mayEnter('app', 'new', 1);
    expect(share.sources()).toBe(1);
    pass(30_001);
    share.onFill('app', 0.1);
    expect(share.isActive()).toBe(false);
  });

  it('of a fill that nobody confirms any more ends: a full queue that nothing enters tells nothing', () => {
    const { share, pass } = filling();
    share.onFill('app', 1);
    const entered = () => Array.from({ length: 100 }, () => share.mayEnter('app', 'a', 1)).filter(Boolean).length;
    share.mayEnter('app', 'b', 20);
    entered();
    pass(200);
    expect(entered()).toBeLessThan(50);
    pass(2000);
    expect(entered()).toBe(100);
  });
});

it('starves nobody, whatever the rates and the fill', () => {
  const rates = fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(rates, fc.integer({ min: 5, max: 200 }), (demands, drained) => {
      const named = Object.fromEntries(demands.map((rate, index) => [`s${index}`, rate]));
      const { accepted, depth } = simulate({ rates: named, drained, limit: 500, seconds: 50 });
      const fair = Math.min(...demands, drained / demands.length) * 30;
      for (const count of accepted) expect(count).toBeGreaterThan(fair * 0.5);
      expect(depth).toBeLessThanOrEqual(501);
    }),
    { numRuns: 15 },
  );
});
