/** The label of everything that is not in the closed list. */
export const OTHER = 'other';

/**
 * A label from a closed list: anything else (what a provider, a client or a newer version made up) becomes `other`, so
 * that nobody outside can make time series without end.
 */
export function boundedLabel(known: ReadonlySet<string>, value: string): string {
  return known.has(value) ? value : OTHER;
}

/** An HTTP status as label; no answer at all is `none`. */
export function statusLabel(status: number | undefined): string {
  if (status === undefined) {
    return 'none';
  }
  return Number.isInteger(status) && status >= 100 && status <= 599 ? String(status) : OTHER;
}
