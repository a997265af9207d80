export interface SearchOptions {
  /** The first rate to try, per second. */
  readonly start: number;
  /** Times that the gap between what went well and what did not is halved. */
  readonly halvings: number;
  /** Rates above this are not tried. */
  readonly most: number;
  /** Whether a rate is held. */
  readonly isHeld: (rate: number) => Promise<boolean>;
}

/**
 * Searches the highest rate that is held: doubles until one is not, then halves the gap. A rate that is not held is tried
 * twice, since on a shared machine a short stage can fail for reasons that are not ours. Returns 0 when none was held.
 */
export async function findHighestRate({ start, halvings, most, isHeld }: SearchOptions): Promise<number> {
  const isHeldOnce = async (rate: number): Promise<boolean> => (await isHeld(rate)) || (await isHeld(rate));
  let held = 0;
  let next = start;
  while (next <= most && (await isHeldOnce(next))) {
    held = next;
    next *= 2;
  }
  let tooMuch = next;
  for (let halving = 0; halving < halvings; halving += 1) {
    const middle = (held + tooMuch) / 2;
    if (await isHeldOnce(middle)) held = middle;
    else tooMuch = middle;
  }
  return held;
}

/** How many pushes were sent and not yet answered, at a moment of a stage. */
export interface BacklogSample {
  /** Milliseconds since the start of the stage. */
  readonly at: number;
  readonly backlog: number;
}

/**
 * The share of a stage's load that was left over: how much the backlog grew from its second quarter to its last (means, since
 * pushes come and go in waves), by what was sent in that time. 0: none; below 0: it shrank.
 */
export function backlogGrowth(samples: readonly BacklogSample[], perSecond: number): number {
  const end = samples.at(-1)?.at ?? 0;
  const early = meanOf(samples.filter(({ at }) => at >= end / 4 && at < end / 2));
  const late = meanOf(samples.filter(({ at }) => at >= (end * 3) / 4));
  const sent = ((late.at - early.at) / 1000) * perSecond;
  return sent > 0 ? (late.backlog - early.backlog) / sent : 0;
}

function meanOf(samples: readonly BacklogSample[]): BacklogSample {
  const mean = (figure: (sample: BacklogSample) => number): number =>
    samples.reduce((sum, sample) => sum + figure(sample), 0) / Math.max(1, samples.length);
  return { at: mean(({ at }) => at), backlog: mean(({ backlog }) => backlog) };
}
