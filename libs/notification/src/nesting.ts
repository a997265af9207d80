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

/** Whether `value` is nested deeper than MAX_NESTING or holds more than MAX_VALUES values. Without recursion. */
export function isTooComplex(value: unknown): boolean {
  let level = [value].filter(isContainer);
  let values = 1;
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > MAX_NESTING) return true;
    const next: object[] = [];
    for (const container of level) {
      const inside: unknown[] = Array.isArray(container) ? container : Object.values(container);
      values += inside.length;
      if (values > MAX_VALUES) return true;
      next.push(...inside.filter(isContainer));
    }
    level = next;
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
