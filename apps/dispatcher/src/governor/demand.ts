/** How many pushes an app is about to send, from what it has sent lately. */
export interface Demand {
  /** A push wants to be sent. */
  note(): void;
  /** Pushes to be expected in the next `ms` milliseconds, with some to spare. */
  expected(ms: number): number;
}

/** Milliseconds. */
const BUCKET_MS = 100;
/** How much more than lately is expected: growing traffic should not wait for each answer. */
const MARGIN = 1.5;
/** At least so many: a push now and then does not wait for Redis each time. */
const LEAST = 4;

/** @param now milliseconds */
export function createDemand(now: () => number): Demand {
  let from = now();
  let current = 0;
  let rate = 0;
  const roll = (): void => {
    const elapsed = now() - from;
    if (elapsed >= 0 && elapsed < BUCKET_MS) return;
    const seen = current / Math.max(BUCKET_MS, elapsed);
    // Up at once, down by halves: what is not needed goes back with the next question.
    rate = Math.max(seen, rate / 2 ** Math.min(10, Math.max(1, elapsed / BUCKET_MS)));
    from = now();
    current = 0;
  };
  return {
    note() {
      roll();
      current += 1;
    },
    expected(ms) {
      roll();
      if (rate < 1e-6 && current === 0) return 0;
      return Math.max(LEAST, rate * ms * MARGIN);
    },
  };
}
