import fc from 'fast-check';
import { Backoff } from './backoff';

describe('Backoff', () => {
  function make(random: () => number) {
    const clock = { ms: 0 };
    const backoff = new Backoff({ backoffBaseMs: 500, backoffMaxMs: 30_000, now: () => clock.ms, random });
    return { backoff, clock };
  }

  function pauseOf({ backoff, clock }: ReturnType<typeof make>): number {
    const start = clock.ms;
    while (backoff.isActive()) clock.ms += 1;
    return clock.ms - start;
  }

  test('there is no pause before the first failure', () => {
    expect(make(() => 0).backoff.isActive()).toBe(false);
  });

  test('pauses double up to the maximum, and start again after a success', () => {
    const made = make(() => 0);
    const pauses = Array.from({ length: 9 }, () => {
      made.backoff.fail();
      return pauseOf(made);
    });
    expect(pauses).toEqual([250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
    made.backoff.fail();
    made.backoff.succeed();
    expect(made.backoff.isActive()).toBe(false);
    made.backoff.fail();
    expect(pauseOf(made)).toBe(250);
  });

  test('every pause lies between half of the bound and the bound', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        fc.integer({ min: 1, max: 2000 }),
        (random, failures) => {
          const made = make(() => random);
          for (let count = 0; count < failures; count += 1) made.backoff.fail();
          const bound = Math.min(30_000, 500 * 2 ** (failures - 1));
          const pause = pauseOf(made);
          expect(pause).toBeGreaterThanOrEqual(bound / 2);
          expect(pause).toBeLessThanOrEqual(Math.ceil(bound));
        },
      ),
      { numRuns: 50 },
    );
  });
});
