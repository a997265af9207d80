/**
 * Longest `Retry-After` that is believed, in milliseconds. FCM tells to end retries by 60 minutes; a longer value (a
 * mistake, a wrong clock) must not silence an app for days.
 */
export const MAX_RETRY_AFTER_MS = 60 * 60 * 1000;

/** The three forms of an HTTP date (RFC 9110 section 5.6.7), all of which begin with the day's name. */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w :-]{1,40}$/;
const DELAY_SECONDS = /^\d{1,15}$/;

/**
 * Reads `Retry-After`: whole seconds or an HTTP date (RFC 9110 section 10.2.3).
 *
 * @param now milliseconds since the epoch; a date counts from it, one in the past is 0
 * @returns milliseconds from now, at most MAX_RETRY_AFTER_MS; undefined when absent or neither form
 */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (DELAY_SECONDS.test(text)) {
    return Math.min(Number(text) * 1000, MAX_RETRY_AFTER_MS);
  }
  if (!HTTP_DATE.test(text)) {
    return undefined;
  }
  // The asctime form names no zone, and Date.parse would take it for local time: HTTP dates are always GMT.
  const at = Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
  return Number.isNaN(at) ? undefined : Math.min(Math.max(at - now, 0), MAX_RETRY_AFTER_MS);
}
