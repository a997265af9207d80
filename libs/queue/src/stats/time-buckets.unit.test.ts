import fc from 'fast-check';
import { bucketOf, percentilesOf } from './time-buckets';

const countsOf = (times: readonly number[]): Map<number, number> => {
  const counts = new Map<number, number>();
  for (const time of times) counts.set(bucketOf(time), (counts.get(bucketOf(time)) ?? 0) + 1);
  return counts;
};
/** The smallest time that so large a share does not exceed. */
const exact = (times: readonly number[], share: number): number => [...times].sort((a, b) => a - b)[Math.ceil(share * times.length) - 1] ?? 0;

it('tells percentiles within 10 %', () => {
  const times = fc.array(fc.integer({ min: 1, max: 86_400_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(times, (some) => {
      const percentiles = percentilesOf(countsOf(some));
      for (const [said, share] of [[percentiles?.p50, 0.5], [percentiles?.p99, 0.99]] as const) {
        expect(Math.abs((said ?? 0) / exact(some, share) - 1)).toBeLessThan(0.1);
      }
    }),
  );
});

it('nothing has no percentiles', () => {
  expect(percentilesOf(new Map())).toBeNull();
  expect(percentilesOf(new Map([[3, 0]]))).toBeNull();
});

it('a few slow ones show in p99 and not in p50', () => {
  const { p50 = 0, p99 = 0 } = percentilesOf(countsOf([...Array.from({ length: 98 }, () => 100), 60_000, 60_000])) ?? {};
  expect(Math.abs(p50 / 100 - 1)).toBeLessThan(0.1);
  expect(Math.abs(p99 / 60_000 - 1)).toBeLessThan(0.1);
});

it('every number has one of few buckets', () => {
  fc.assert(fc.property(fc.double(), (ms) => [bucketOf(ms)].every((bucket) => Number.isInteger(bucket) && bucket >= 0 && bucket <= 150)));
  expect([Number.NaN, -1, 0, 1, Infinity].map(bucketOf)).toEqual([0, 0, 0, 0, 150]);
});
