import type { Minute } from '@reveille/admin-api';

import { toColumns, totalsOf } from './history';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-11-23T05:00:00Z');

function minute(number: number, changes: Partial<Minute> = {}): Minute {
  const counts = { accepted: 0, delivered: 0, rejected: 0, failed: 0, expired: 0, superseded: 0, skipped: 0 };
  return { at: new Date(START + number * MINUTE_MS).toISOString(), ...counts, p50_ms: null, p99_ms: null, ...changes };
}

it('adds up apps by minute, in order; expired ones are failed too', () => {
  const now = new Date(START + 2 * MINUTE_MS);
  const columns = toColumns([[minute(1, { accepted: 2 }), minute(0, { failed: 1, expired: 2 })], [minute(0, { accepted: 5, delivered: 4 })]], now);
  expect(columns).toEqual([
    [START / 1_000, START / 1_000 + 60],
    [5, 2],
    [4, 0],
    [0, 0],
    [3, 0],
  ]);
  expect(totalsOf(columns)).toEqual({ accepted: 7, delivered: 4, rejected: 0, failed: 3 });
});

it('leaves out the minute that is not over: it would look like a fall', () => {
  const [times] = toColumns([[minute(0), minute(1)]], new Date(START + 2 * MINUTE_MS - 1));
  expect(times).toEqual([START / 1_000]);
});
