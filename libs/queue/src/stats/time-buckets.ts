import type { Percentiles } from './stats-types';

/** Each bucket ends at so many times the end of the one before: their middles are within 7.3 % of everything in them. */
const STEP = 1.15;
/** The last one begins at 13 days, which no push waits. */
const LAST = 150;

/** The bucket of a time in milliseconds. What is below 1 ms, or no time at all, is in the first one. */
export function bucketOf(ms: number): number {
  // Also of what is not a number.
  if (!(ms > 1)) return 0;
  return Math.min(LAST, Math.ceil(Math.log(ms) / Math.log(STEP)));
}

/** The middle of a bucket, in milliseconds. */
function middleOf(bucket: number): number {
  if (bucket === 0) return 1;
  const middle = STEP ** (bucket - 0.5);
  return middle < 100 ? Math.round(middle * 10) / 10 : Math.round(middle);
}

/** Counts by bucket. */
export type TimeCounts = ReadonlyMap<number, number>;

/** Of all times in the buckets; null: there are none. */
export function percentilesOf(counts: TimeCounts): Percentiles | null {
  const ordered = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  const total = ordered.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  const at = (share: number): number => {
    let seen = 0;
    const found = ordered.find(([, count]) => (seen += count) >= share * total);
    return middleOf(found?.[0] ?? 0);
  };
  return { p50: at(0.5), p99: at(0.99) };
}
