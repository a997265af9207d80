/**
 * Deepest `default_payload` that is passed on. Providers' own examples nest 4 or 5 deep; JSON.stringify overflows the
 * stack at a few thousand, which a hostile request could otherwise reach with one small body.
 */
export const MAX_NESTING = 64;

/**
 * Most values in a `default_payload` that is passed on. Each takes at least two bytes of a payload, and both providers
 * limit a payload to 4096: one with more can never be sent, and looking at all of 250,000 would hold up everybody else.
 */
export const MAX_VALUES = 2048;

/** Whether `value` is nested deeper than `maxNesting` or holds more than `maxValues` values. Without recursion. */
export function isTooComplex(value: unknown, maxNesting = MAX_NESTING, maxValues = MAX_VALUES): boolean {
  let level: readonly unknown[] = [value];
  let values = 0;
  for (let depth = 0; level.length > 0; depth++) {
    values += level.length;
    const containers = level.filter(isContainer);
    if (values > maxValues || (containers.length > 0 && depth >= maxNesting)) return true;
    level = containers.flatMap((container) => Object.values(container));
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
