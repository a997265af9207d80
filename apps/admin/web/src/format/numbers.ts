const WHOLE = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

/** `1234567` -> `1,234,567`. */
export function formatCount(value: number): string {
  return WHOLE.format(value);
}

/** `1234567` -> `1.2M`: for axes. */
export function formatShort(value: number): string {
  return SHORT.format(value);
}

/** `1 push`, `2 pushes`: with the count. */
export function countOf(value: number, one: string, many: string): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
const STEP = 1024;

/** Bytes: `1536` -> `1.5 KiB`. */
export function formatBytes(bytes: number): string {
  const exponent = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / Math.log2(STEP)));
  const value = bytes / STEP ** exponent;
  return `${value.toFixed(exponent === 0 || value >= 100 ? 0 : 1)} ${UNITS[exponent] ?? ''}`;
}

/** `0.123` -> `12 %`. */
export function formatShare(share: number): string {
  return `${WHOLE.format(share * 100)} %`;
}
