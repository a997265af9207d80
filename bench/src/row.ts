/** One figure of the report, as `--json` writes it. */
export interface Row {
  /** `benchmark/figure`. */
  readonly name: string;
  /** The median over the rounds. */
  readonly value: number;
  readonly unit: string;
  /** The same figure of the limit that was measured in the same rounds; null: it has none. */
  readonly limit: number | null;
  /** value / limit: the median of the rounds' ratios. */
  readonly ratio: number | null;
  /** What is to be reached, as `ratio >= 0.35`; null: shown for information. */
  readonly target: string | null;
  readonly ok: boolean | null;
  /** Lowest and highest over the rounds: of the ratio where there is one, else of the value. */
  readonly spread: readonly [number, number];
}

/** What one round found. */
export interface Sample {
  readonly value: number;
  readonly limit?: number;
}

export interface Target {
  readonly figure: 'ratio' | 'value';
  readonly direction: 'at-least' | 'at-most';
  readonly than: number;
}

export interface RowOptions {
  readonly name: string;
  readonly unit: string;
  /** One a round; at least one. */
  readonly samples: readonly Sample[];
  readonly target?: Target;
}

/** Makes one figure of what the rounds found. */
export function toRow({ name, unit, samples, target }: RowOptions): Row {
  const values = samples.map(({ value }) => value);
  const limits = samples.flatMap(({ limit }) => (limit === undefined ? [] : [limit]));
  // Ratio by ratio, not median by median: what else the machine did in a round met both of its halves.
  const ratios = samples.flatMap(({ value, limit }) => (limit === undefined || limit === 0 ? [] : [value / limit]));
  const value = median(values);
  const ratio = ratios.length === 0 ? null : median(ratios);
  const compared = ratio === null ? values : ratios;
  return {
    name,
    value,
    unit,
    limit: limits.length === 0 ? null : median(limits),
    ratio,
    target: target ? describeTarget(target) : null,
    ok: target ? isReached(target, value, ratio) : null,
    spread: [Math.min(...compared), Math.max(...compared)],
  };
}

/** The middle value; of an even number of values the mean of the middle two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}

function describeTarget({ figure, direction, than }: Target): string {
  return `${figure} ${direction === 'at-least' ? '>=' : '<='} ${than}`;
}

function isReached({ figure, direction, than }: Target, value: number, ratio: number | null): boolean {
  const found = figure === 'value' ? value : ratio;
  if (found === null) return false;
  return direction === 'at-least' ? found >= than : found <= than;
}
