import { parseDuration } from './duration';

/** `2h`, `30m`, `7d`: with a unit, or it would be a moment in seconds. */
const BACK = /^\d+(?:\.\d+)? ?(?:ms|s|m|h|d)$/;
const ISO_DATE = /^\d{4}-\d\d-\d\d(?:[T ].+)?$/;
const EPOCH = /^\d{10,13}$/;
/** From here on a number is milliseconds: as seconds it would be the year 5138. */
const FIRST_AS_MILLISECONDS = 100_000_000_000;

/**
 * A moment as people write it: a duration back from now (`2h`), an ISO date or time, or seconds or milliseconds since the
 * epoch.
 *
 * @param now milliseconds since the epoch
 * @returns milliseconds since the epoch; undefined when it is none of them
 */
export function parseMoment(text: string, now: number): number | undefined {
  const moment = text.trim();
  if (BACK.test(moment)) {
    const back = parseDuration(moment);
    return back === undefined ? undefined : Math.max(0, now - back);
  }
  if (EPOCH.test(moment)) return Number(moment) < FIRST_AS_MILLISECONDS ? Number(moment) * 1000 : Number(moment);
  const date = ISO_DATE.test(moment) && isDay(moment.slice(0, 10)) ? Date.parse(moment) : Number.NaN;
  return Number.isNaN(date) ? undefined : date;
}

/** JavaScript takes February 30 for March 2. */
function isDay(day: string): boolean {
  const at = Date.parse(day);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(day);
}
