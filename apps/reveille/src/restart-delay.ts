/** First delay before a crashed process comes back, in milliseconds; it doubles with each crash in a row. */
const FIRST_DELAY_MS = 250;
/** Longest delay: a role that cannot start must not fill the log, but has to be back soon once the cause is gone. */
const LONGEST_DELAY_MS = 15_000;

/**
 * Milliseconds to wait before restart number `crashes` (1, 2, ...): exponential, the upper half of it random, so that
 * roles that crashed together do not come back in step.
 * @param random a number in [0, 1)
 */
export function restartDelayMs(crashes: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(crashes - 1, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random);
}
