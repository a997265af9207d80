import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)?$/;
/** 100 years: past it a typing mistake is likelier than a wish, and sums with the clock stay exact. */
const MAX_DURATION_MS = 100 * 365 * 86_400_000;
/** Node fires a longer timer at once (2^31 - 1 ms, `setTimeout`). */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Reads `250ms`, `10s`, `5m`, `1h`, `7d`, `1.5h`; a bare number, or a text of digits only, is in seconds.
 *
 * @returns milliseconds, rounded; undefined when it is no duration.
 */
export function parseDuration(value: unknown): number | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  if (typeof text !== 'string') return undefined;
  const match = DURATION.exec(text);
  if (!match) return undefined;
  const ms = Math.round(Number(match[1]) * (UNIT_MS[match[2] ?? 's'] ?? Number.NaN));
  return ms <= MAX_DURATION_MS ? ms : undefined;
}

export interface DurationOptions {
  readonly description: string;
  /** Milliseconds; 1 when absent. */
  readonly min?: number;
  /** Milliseconds. */
  readonly max?: number;
}

/** A duration: text with a unit, or a number of seconds, in the file; milliseconds in the settings. */
export function duration({ description, min = 1, max = MAX_DURATION_MS }: DurationOptions) {
  return z
    .unknown()
    .transform((value, context): number => {
      const ms = parseDuration(value);
      if (ms !== undefined && ms >= min && ms <= max) return ms;
      context.addIssue(durationMistake(value, ms, min, max));
      return z.NEVER;
    })
    .meta({ description, type: 'duration', example: '30s' });
}

function durationMistake(value: unknown, ms: number | undefined, min: number, max: number): string {
  if (value === undefined) return 'is required';
  if (ms === undefined) return 'must be a duration: a number with ms, s, m, h or d, or a number of seconds';
  return ms < min ? `must be at least ${formatDuration(min)}` : `must be at most ${formatDuration(max)}`;
}

/** The shortest exact text that `parseDuration` reads back: 90000 -> `90s`, 3600000 -> `1h`. */
export function formatDuration(ms: number): string {
  const unit = ['d', 'h', 'm', 's'].find((name) => ms !== 0 && ms % (UNIT_MS[name] ?? 1) === 0) ?? 'ms';
  return `${String(ms / (UNIT_MS[unit] ?? 1))}${unit}`;
}
