export interface LoadOptions {
  readonly pushes: number;
  /** In which they go out, in milliseconds. */
  readonly lengthMs: number;
  readonly send: () => void;
}

/** A load that is going out. */
export interface RunningLoad {
  /** Resolves when all have gone out and it was asked to end. */
  end(afterMs: number): Promise<void>;
  /** At once. */
  stop(): void;
}

const TICK_MS = 5;

/** Sends at a steady rate until it is asked to end, and at least the pushes it was given. */
export function startLoad({ pushes, lengthMs, send }: LoadOptions): RunningLoad {
  const startedAt = performance.now();
  let sent = 0;
  let endsAt = Number.POSITIVE_INFINITY;
  let ended: () => void = () => undefined;
  const done = new Promise<void>((resolve) => (ended = resolve));
  const finish = (): void => {
    clearInterval(ticking);
    ended();
  };
  const ticking = setInterval(() => {
    const passedMs = Math.min(performance.now(), endsAt) - startedAt;
    const due = Math.floor((passedMs / lengthMs) * pushes);
    for (; sent < due; sent += 1) send();
    if (performance.now() >= endsAt) finish();
  }, TICK_MS);
  return {
    end(afterMs) {
      endsAt = Math.max(startedAt + lengthMs, performance.now() + afterMs);
      return done;
    },
    stop: finish,
  };
}
