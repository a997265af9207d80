import { parseSince } from './since';

const NOW = Date.parse('2026-06-15T12:00:00Z');
const HOUR_MS = 3_600_000;

describe('parseSince', () => {
  it.each([
    ['2h', NOW - 2 * HOUR_MS],
    ['30m', NOW - HOUR_MS / 2],
    ['7d', NOW - 7 * 24 * HOUR_MS],
    ['1.5h', NOW - 1.5 * HOUR_MS],
    [' 90 s ', NOW - 90_000],
    ['80y', undefined],
    ['100000d', undefined],
    ['2026-06-15', Date.parse('2026-06-15T00:00:00Z')],
    ['2026-06-15T11:30Z', NOW - HOUR_MS / 2],
    ['2026-06-15T13:30:00+02:00', NOW - HOUR_MS / 2],
    [String(NOW / 1000), NOW],
    [String(NOW), NOW],
    ['90', undefined],
    ['', undefined],
    ['-2h', undefined],
    ['June', undefined],
  ])('%j', (text, expected) => {
    if (expected === undefined) expect(() => parseSince(text, NOW)).toThrow('--since must be');
    else expect(parseSince(text, NOW)).toBe(expected);
  });

  it.each(['2026-06-15T12:01Z', String(NOW / 1000 + 60), '9999999999999'])('refuses the future: %s', (text) => {
    expect(() => parseSince(text, NOW)).toThrow('is in the future');
  });
});
