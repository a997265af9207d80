import { parseMoment } from '@reveille/config';

import { UsageError } from './command';

/**
 * A moment in the past: a duration back from now (`2h`), an ISO date or time, or seconds or milliseconds since the epoch.
 *
 * @param now milliseconds since the epoch
 * @param flag the one that gave the text
 * @returns milliseconds since the epoch
 * @throws UsageError when it is none of them, or in the future.
 */
export function parseSince(text: string, now: number, flag = '--since'): number {
  const moment = parseMoment(text, now);
  if (moment === undefined) {
    throw new UsageError(`${flag} must be a time back (2h, 30m, 7d), a date (2026-01-31T12:00Z) or seconds since 1970, not '${text}'`);
  }
  if (moment > now) throw new UsageError(`${flag} is in the future: ${new Date(moment).toISOString()}`);
  return moment;
}
