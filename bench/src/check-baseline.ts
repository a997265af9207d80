import { z } from 'zod';
import type { Row } from './row';

/**
 * How much worse a ratio may be than the baseline's: rounds of one run on a shared machine differ by up to a fifth. What
 * is meant to be found is a hot path that lost a third.
 */
const TOLERANCE = 0.3;

/** A report that was written by `--json`; only the ratios of the rows with a target count. */
export const baselineSchema = z.object({
  rows: z.array(z.object({ name: z.string(), ratio: z.number().nullable(), target: z.string().nullable() })),
});

export type Baseline = z.infer<typeof baselineSchema>;

/** What of a run is worse than the baseline, a line each; empty: nothing. Rows that either of them has not are left out. */
export function compareWithBaseline(rows: readonly Row[], baseline: Baseline): string[] {
  const before = new Map(baseline.rows.map((row) => [row.name, row]));
  return rows.flatMap(({ name, ratio, target }) => {
    const then = before.get(name)?.ratio ?? null;
    if (ratio === null || target === null || then === null) return [];
    const isWorse = target.includes('<=') ? ratio > then * (1 + TOLERANCE) : ratio < then * (1 - TOLERANCE);
    return isWorse ? [`${name}: ratio ${ratio.toFixed(3)}, was ${then.toFixed(3)}`] : [];
  });
}

/** How many rows can be compared. */
export function countComparable(rows: readonly Row[], baseline: Baseline): number {
  const before = new Set(baseline.rows.flatMap(({ name, ratio }) => (ratio === null ? [] : [name])));
  return rows.filter(({ name, ratio, target }) => ratio !== null && target !== null && before.has(name)).length;
}
