import { parseDuration } from '@reveille/config';

import { UsageError } from './command';

/** `2h`, `30m`, `7d`: with a unit, or it would be a moment in seconds. */
const DURATION = /^\d+(?:\.\d+)? ?(?:ms|s|m|h|d)$/;
const ISO_DATE = /^\d{4}-\d\d-\d\d(?:[T ].+)?$/;
const EPOCH = /^\d{10,13}$/;
/** From here on a number is milliseconds: as seconds it would be the year 5138. */
const FIRST_AS_MILLISECONDS = 100_000_000_000;

/**
 * A moment in the past: a duration back from now (`2h`), an ISO date or time, or seconds or milliseconds since the epoch.
 *
 * @param now milliseconds since the epoch
 * @returns milliseconds since the epoch
 * @throws UsageError when it is none of them, or in the future.
 */
export function parseSince(text: string, now: number): number {
  const moment = momentOf(text.trim(), now);
  if (moment === undefined) {
    throw new UsageError(`--since must be a time back (2h, 30m, 7d), a date (2026-01-31T12:00Z) or seconds since 1970, not '${text}'`);
  }
  if (moment > now) throw new UsageError(`--since is in the future: ${new Date(moment).toISOString()}`);
  return moment;
}

function momentOf(text: string, now: number): number | undefined {
  if (DURATION.test(text)) {
    const back = parseDuration(text);
    return back === undefined ? undefined : Math.max(0, now - back);
  }
  if (EPOCH.test(text)) return Number(text) < FIRST_AS_MILLISECONDS ? Number(text) * 1000 : Number(text);
  const date = ISO_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : date;
}
