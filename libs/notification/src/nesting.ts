/**
 * Deepest `default_payload` that is passed on. Providers' own examples nest 4 or 5 deep; JSON.stringify overflows the
 * stack at a few thousand, which a hostile request could otherwise reach with one small body.
 */
export const MAX_NESTING = 64;

/** Whether `value` has an object or array nested deeper than `limit`. Without recursion, in linear time. */
export function nestsDeeperThan(value: unknown, limit: number): boolean {
  let level: object[] = isContainer(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > limit) return true;
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
