import { isPastFirstQuarter, seedAt } from './first-quarter';
import { MAX_SEED } from './fuzz-options';

const NO_END = Number.MAX_SAFE_INTEGER;

it.each([
  [{ done: 499, elapsedMs: 10 ** 9 }, { cases: 2000 }, false],
  [{ done: 500, elapsedMs: 0 }, { cases: 2000 }, true],
  // With `--minutes` alone there is no number of cases that ends the run.
  [{ done: 500, elapsedMs: 14_999 }, { cases: NO_END, maxMs: 60_000 }, false],
  [{ done: 500, elapsedMs: 15_000 }, { cases: NO_END, maxMs: 60_000 }, true],
  [{ done: 500, elapsedMs: 0 }, { cases: 2000, maxMs: 60_000 }, true],
])('%j of %j: %s', (progress, bounds, expected) => {
  expect(isPastFirstQuarter(progress, bounds)).toBe(expected);
});

it.each([
  [0, -1, MAX_SEED - 1],
  [7, -501, MAX_SEED - 494],
  [MAX_SEED - 1, 1, 0],
  [5, 3, 8],
])('%i and %i places on is %i', (seed, offset, expected) => {
  expect(seedAt(seed, offset)).toBe(expected);
});
