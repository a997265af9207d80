/** The longest wait of a held push is this many times the first. */
const GROWTH = 4;

/**
 * Milliseconds until a held push is looked at again. One that was asked about doubles its wait each time; one that was not
 * (`asked` undefined: the rate of probes is bounded) takes the longest. At least half of the bound, and jitter above: what
 * was held together does not return together.
 *
 * @param asked how often the provider was asked about this pushkey since its verdict is held
 * @param random a number in [0, 1)
 */
export function probeDelay(retryMs: number, asked: number | undefined, random: number): number {
  const bound = asked === undefined ? retryMs * GROWTH : Math.min(retryMs * GROWTH, retryMs * 2 ** asked);
  return Math.max(1, Math.round(bound * (0.5 + random / 2)));
}
