import fc from 'fast-check';
import { maxMinLevel } from './max-min-share';

it.each<[number[], number, number]>([
  [[], 10, Infinity],
  [[1, 2, 3], 6, Infinity],
  [[1, 2, 3], 3, 1],
  [[1, 1, 100], 22, 20],
  [[5, 5], 0, 0],
  [[100, 100, 1], 101, 50],
])('of %j with %d for all, up to %d', (demands, total, level) => {
  expect(maxMinLevel(demands, total)).toBe(level);
});

it('gives out the total, or everything that is wanted', () => {
  const demand = fc.double({ min: 0, max: 1000, noNaN: true });
  fc.assert(
    fc.property(fc.array(demand, { minLength: 1 }), fc.double({ min: 0, max: 5000, noNaN: true }), (demands, total) => {
      const level = maxMinLevel(demands, total);
      const given = demands.reduce((sum, each) => sum + Math.min(each, level), 0);
      const wanted = demands.reduce((sum, each) => sum + each, 0);
      expect(given).toBeCloseTo(Math.min(total, wanted), 6);
    }),
  );
});
