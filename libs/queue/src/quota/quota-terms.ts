/**
 * The terms by which a provider's quota is shared out (ADR 22). FCM's is 600,000 a minute for each project: it refills at the end of
 * minutes that begin we know not when, and past it everything is refused until then. So it is spread evenly.
 */

/**
 * Of the quota so much is leased. What is left bears that the time from lease to provider varies, and with the reserve what a
 * minute takes over from the one before: 0.985 + 500 ms of 60 s = 0.993.
 */
export const PACE = 0.985;
/** What may gather while less is used than there is, in milliseconds of the quota. */
export const RESERVE_MS = 500;
/** A dispatcher asks for what it needs in so many milliseconds: ten calls of Redis a second, however many pushes. */
export const SLICE_MS = 100;
/** Less often while it is short of them and there are few: for so many pushes at a time, but at least so often (milliseconds). */
export const WORTH_ASKING = 8;
export const LONGEST_SLICE_MS = 400;
/** A dispatcher that has not asked for so long has died, or has nothing to do: its lease goes back. Milliseconds. */
export const LEASE_ENDS_MS = 2500;
/** After so long without anybody asking, the app starts anew, in milliseconds. Dispatchers without work ask more often. */
export const STOPPED_MS = 60_000;
/** Where a ramp begins, as a part of the quota. */
export const FLOOR = 0.1;

/** What a refusal leaves of the quota, at most once in one of the provider's minutes (milliseconds), and the least that is left. */
export const CUT_TO = 0.7;
export const CUT_EVERY_MS = 60_000;
export const LEAST = 0.05;
/** A tenth of the quota comes back in a minute. */
export const GROWTH_PER_MS = 0.1 / 60_000;
/**
 * How long nothing is sent after a refusal without `Retry-After`; twice as long after the next one, unless there was none for a while;
 * and how long after that it takes to come back to full speed. Milliseconds.
 */
export const FIRST_BACKOFF_MS = 1000;
export const LONGEST_BACKOFF_MS = 32_000;
export const BACKOFF_CALM_MS = 20_000;
export const THAW_MS = 2000;
