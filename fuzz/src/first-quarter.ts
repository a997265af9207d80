import { MAX_SEED } from './fuzz-options';

export interface Progress {
  /** Cases that were sent. */
  readonly done: number;
  readonly elapsedMs: number;
}

export interface Bounds {
  readonly cases: number;
  /** Absent: the cases alone end the run. */
  readonly maxMs?: number;
}

/** Whether a run has its first quarter behind it, by whichever of its bounds ends it first: then memory is looked at. */
export function isPastFirstQuarter({ done, elapsedMs }: Progress, { cases, maxMs = Infinity }: Bounds): boolean {
  return done >= cases / 4 || elapsedMs >= maxMs / 4;
}

/** A seed that fast-check takes, `offset` places after (or before) another one. */
export function seedAt(seed: number, offset: number): number {
  return (((seed + offset) % MAX_SEED) + MAX_SEED) % MAX_SEED;
}
