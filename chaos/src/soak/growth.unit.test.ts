import { growthOf, median } from './growth';
import type { Sample } from './sample';

const LENGTH_MS = 1000;
/** One sample every 10 ms, the figure by its time. */
const samples = (figure: string, value: (atMs: number) => number): Sample[] =>
  Array.from({ length: 100 }, (_, index) => ({ atMs: index * 10, figures: { [figure]: value(index * 10) } }));

it('compares the median after the first quarter with the one at the end', () => {
  // What grows in the first quarter is warming up; a single peak is no growth.
  const value = (atMs: number): number => (atMs < 250 ? atMs : atMs === 900 ? 10_000 : 300);
  expect(growthOf(samples('x', value), LENGTH_MS, true)).toEqual([{ figure: 'x', before: 300, after: 300, change: 0, ok: true }]);
});

it.each([
  ['10 % more', 110, true],
  ['more than that', 112, false],
  ['less', 50, true],
])('%s', (_what, end, ok) => {
  expect(growthOf(samples('x', (atMs) => (atMs < 500 ? 100 : end)), LENGTH_MS, true)).toMatchObject([{ ok }]);
});

it('takes a small step of a small figure for nothing', () => {
  expect(growthOf(samples('x', (atMs) => (atMs < 500 ? 10 : 12)), LENGTH_MS, true)).toMatchObject([{ ok: true }]);
  expect(growthOf(samples('x', (atMs) => (atMs < 500 ? 10 : 13)), LENGTH_MS, true)).toMatchObject([{ ok: false }]);
});

it('judges neither the 99th percentile nor a run that is too short', () => {
  const growing = (atMs: number): number => atMs;
  expect(growthOf(samples('delay p99', growing), LENGTH_MS, true)).toMatchObject([{ ok: undefined }]);
  expect(growthOf(samples('x', growing), LENGTH_MS, false)).toMatchObject([{ ok: undefined }]);
});

it('knows the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([])).toBeNaN();
});
