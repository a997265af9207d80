const two = (value: number): string => String(value).padStart(2, '0');

/** A moment in the time of whoever looks, without a locale's order of day and month: `2026-01-31 14:05:09`. */
export function formatLocal(at: Date): string {
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${formatClock(at)}`;
}

/** Local time of day: `14:05:09`. */
export function formatClock(at: Date): string {
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** The same moment for those elsewhere: `2026-01-31 13:05:09 UTC`. */
export function formatUtc(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Milliseconds in the two largest units that matter: `85 ms`, `1.2 s`, `4 min 10 s`, `3 h 5 min`, `12 d`. */
export function formatDuration(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < 10 * SECOND_MS) return `${(ms / SECOND_MS).toFixed(1)} s`;
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s`;
  if (ms < HOUR_MS) return inTwo(ms, [MINUTE_MS, 'min'], [SECOND_MS, 's']);
  if (ms < 2 * DAY_MS) return inTwo(ms, [HOUR_MS, 'h'], [MINUTE_MS, 'min']);
  return `${Math.floor(ms / DAY_MS)} d`;
}

type Unit = readonly [lengthMs: number, name: string];

function inTwo(ms: number, [largeMs, large]: Unit, [smallMs, small]: Unit): string {
  const rest = Math.floor((ms % largeMs) / smallMs);
  return `${Math.floor(ms / largeMs)} ${large}${rest > 0 ? ` ${rest} ${small}` : ''}`;
}
