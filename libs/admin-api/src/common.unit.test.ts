import { NONE, orNone, wholeNumber } from './common';
import { failedQuery } from './failed';

it.each([
  ['7', 7],
  [7, 7],
])('reads %p as a whole number', (given, read) => {
  expect(wholeNumber(1, 10).parse(given)).toBe(read);
});

it.each(['', '0', '11', '1.5', '-1', '1e1', ' 7', '0x7', 7.5, null, true])('takes %p for no whole number from 1 to 10', (given) => {
  expect(wholeNumber(1, 10).safeParse(given).success).toBe(false);
});

it('tells none at all from any', () => {
  const status = orNone(wholeNumber(0, 999)).optional();
  expect([status.parse(NONE), status.parse(null), status.parse(undefined), status.parse('410')]).toEqual([null, null, undefined, 410]);
});

it('knows no question by a misspelt name', () => {
  expect(failedQuery.parse({})).toEqual({ limit: 50 });
  expect(failedQuery.safeParse({ outcom: 'dead' }).success).toBe(false);
});
