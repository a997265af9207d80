/**
 * The level up to which everybody gets all that they want, so that the sum of what is given is `total`: what the small do
 * not want is shared by the large (max-min fairness). Infinite when there is enough for all.
 */
export function maxMinLevel(demands: readonly number[], total: number): number {
  const ascending = demands.toSorted((a, b) => a - b);
  let left = total;
  for (const [index, demand] of ascending.entries()) {
    const level = left / (ascending.length - index);
    if (demand > level) return Math.max(0, level);
    left -= demand;
  }
  return Infinity;
}
