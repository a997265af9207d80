const STEP = 1000;
const UNITS = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
/** Below it a figure shows one decimal. */
const ROUGH = 10;

/** `1,500,000`; rounded. */
export function formatNumber(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** `3.2 GB`, in powers of 1,000. */
export function formatBytes(bytes: number): string {
  const power = bytes < STEP ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(bytes) / 3));
  return `${formatFigure(bytes / STEP ** power)} ${UNITS[power] ?? 'B'}`;
}

/** One decimal where it matters. */
export function formatFigure(value: number): string {
  return value < ROUGH ? String(Math.round(value * 10) / 10) : formatNumber(value);
}
