import { toMoment } from './moments';

const NOW = new Date(2026, 10, 23, 12, 0, 0);

it.each([
  ['14:05', new Date(2026, 10, 23, 14, 5)],
  ['2026-01-31 14:05', new Date(2026, 0, 31, 14, 5)],
  ['2026-01-31T14:05:09', new Date(2026, 0, 31, 14, 5, 9)],
])('%s is a time of whoever looks', (text, expected) => {
  expect(toMoment(text, NOW)).toBe(expected.toISOString());
});

it('a time back from now stays one in a question, and is fixed for a replay', () => {
  expect(toMoment(' 2h ', NOW)).toBe('2h');
  expect(toMoment('90m', NOW, 'absolute')).toBe(new Date(2026, 10, 23, 10, 30).toISOString());
});

it.each(['25:61', 'yesterday', '2026-01-31T14:05:09Z', ''])('%p is left for the API to judge', (text) => {
  expect(toMoment(text, NOW, 'absolute')).toBe(text);
});
