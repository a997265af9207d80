import type { Minute } from '@reveille/admin-api';

/** What the chart shows, in the order of its colours. */
export const SERIES = ['accepted', 'delivered', 'rejected', 'failed'] as const;
export type SeriesName = (typeof SERIES)[number];

/** Columns as uPlot takes them: seconds since 1970, then one column for each of `SERIES`. */
export type Columns = [number[], ...number[][]];

const SECOND_MS = 1_000;

const MINUTE_MS = 60_000;

/**
 * Adds up the minutes of several apps; `failed` counts those that expired too, as the rates do. The minute that is not over at
 * `now` is left out: it would look like a fall.
 */
export function toColumns(histories: readonly (readonly Minute[])[], now: Date): Columns {
  const sums = new Map<number, number[]>();
  for (const minute of histories.flat()) {
    if (new Date(minute.at).getTime() + MINUTE_MS > now.getTime()) continue;
    const at = new Date(minute.at).getTime() / SECOND_MS;
    const sum = sums.get(at) ?? SERIES.map(() => 0);
    sums.set(at, sum.map((value, index) => value + valueOf(minute, SERIES[index])));
  }
  const times = [...sums.keys()].toSorted((one, other) => one - other);
  return [times, ...SERIES.map((_, index) => times.map((at) => sums.get(at)?.[index] ?? 0))];
}

function valueOf(minute: Minute, name: SeriesName | undefined): number {
  if (name === undefined) return 0;
  return name === 'failed' ? minute.failed + minute.expired : minute[name];
}

/** The sum of each series: what the chart says to those who do not see it. */
export function totalsOf([, ...columns]: Columns): Record<SeriesName, number> {
  const sum = (name: SeriesName): number => columns[SERIES.indexOf(name)]?.reduce((total, value) => total + value, 0) ?? 0;
  return { accepted: sum('accepted'), delivered: sum('delivered'), rejected: sum('rejected'), failed: sum('failed') };
}
