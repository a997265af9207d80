import fc from 'fast-check';

import { duration, formatDuration, parseDuration } from './duration';

test.each([
  ['250ms', 250],
  ['10s', 10_000],
  ['5m', 300_000],
  ['1h', 3_600_000],
  ['7d', 604_800_000],
  ['1.5h', 5_400_000],
  ['10 s', 10_000],
  ['0s', 0],
  ['90', 90_000],
  [90, 90_000],
  [0.25, 250],
])('%j is %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

const NOT_DURATIONS = ['', 's', '-1s', '1w', '1h30m', '1e3', 'NaN', '10S', ' 10s', '99999999d'];

test.each([...NOT_DURATIONS, -1, Number.NaN, Infinity, null, {}, []])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});

test('what is formatted reads back as the same', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 10 ** 12 }), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms);
    }),
  );
});

test.each([
  ['1s', 'must be at least 5s'],
  ['2h', 'must be at most 1h'],
  ['soon', /must be a duration/],
  [undefined, 'is required'],
])('%j is refused within 5s and 1h', (value, message) => {
  const schema = duration({ description: '', min: 5000, max: 3_600_000 });
  expect(schema.safeParse(value).error?.issues[0]?.message).toMatch(message);
  expect(schema.parse('1m')).toBe(60_000);
});
