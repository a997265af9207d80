import { compareWithBaseline, countComparable } from './check-baseline';
import { toRow, type Target } from './row';

const atLeast: Target = { figure: 'ratio', direction: 'at-least', than: 0.6 };
const atMost: Target = { figure: 'ratio', direction: 'at-most', than: 2 };
const row = (name: string, value: number, target?: Target) =>
  toRow({ name, unit: '/s', samples: [{ value, limit: 100 }], ...(target && { target }) });
const baseline = { rows: [row('a/rate', 60, atLeast), row('b/p99', 200, atMost), row('c/cpu', 100)] };

it('finds what is clearly worse, whichever way that is', () => {
  expect(compareWithBaseline([row('a/rate', 41, atLeast), row('b/p99', 261, atMost)], baseline)).toEqual([
    'a/rate: ratio 0.410, was 0.600',
    'b/p99: ratio 2.610, was 2.000',
  ]);
});

it('lets pass what is better, about the same, without a target, or not in both', () => {
  const rows = [row('a/rate', 43, atLeast), row('b/p99', 20, atMost), row('c/cpu', 900), row('d/new', 1, atLeast)];
  expect(compareWithBaseline(rows, baseline)).toEqual([]);
  expect(countComparable(rows, baseline)).toBe(2);
});
