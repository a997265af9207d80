import type { Sample } from './sample';

/** One figure after the first quarter and at the end. */
export interface Growth {
  readonly figure: string;
  /** Medians over an eighth of the time. */
  readonly before: number;
  readonly after: number;
  /** after / before - 1. */
  readonly change: number;
  /** Undefined: shown, not judged. */
  readonly ok: boolean | undefined;
}

/** The windows, as parts of the whole time. */
const BEFORE = { from: 0.25, to: 0.375 } as const;
const AFTER = { from: 0.875, to: 1 } as const;
const MOST = 0.1;
/** A change of so little is none, however small the figure: two sockets, two milliseconds. */
const FLOOR = 2;
/** The 99th percentile of a moment is that moment's fault. */
const NOT_JUDGED = 'p99';

/** Compares the windows, figure by figure. */
export function growthOf(samples: readonly Sample[], lengthMs: number, isLongEnough: boolean): Growth[] {
  const names = [...new Set(samples.flatMap(({ figures }) => Object.keys(figures)))];
  return names.map((figure) => {
    const medianIn = ({ from, to }: { readonly from: number; readonly to: number }): number =>
      median(
        samples
          .filter(({ atMs }) => atMs >= from * lengthMs && atMs < to * lengthMs)
          .flatMap(({ figures }) => figures[figure] ?? []),
      );
    const [before, after] = [medianIn(BEFORE), medianIn(AFTER)];
    const isWithin = after - before <= Math.max(before * MOST, FLOOR);
    return { figure, before, after, change: after / before - 1, ok: isLongEnough && !figure.includes(NOT_JUDGED) ? isWithin : undefined };
  });
}

/** The middle value; of an even number of values the mean of the middle two; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
