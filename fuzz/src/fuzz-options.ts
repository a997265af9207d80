import { parseArgs } from 'node:util';

export interface FuzzArguments {
  readonly cases: number;
  readonly seed: number;
  /** Absent: however long the cases take. */
  readonly maxMs?: number;
}

export type ParsedArguments =
  | { readonly ok: true; readonly values: FuzzArguments }
  | { readonly ok: false; readonly message: string };

const DEFAULT_CASES = 100_000;
const MS_PER_MINUTE = 60_000;
/** fast-check takes a 32-bit seed. */
export const MAX_SEED = 2 ** 31 - 1;

export const USAGE = 'usage: npm run fuzz -- [--cases N] [--seed N] [--minutes N]\n';

/** Reads the command line. `seed` is what is used when none is given. */
export function parseFuzzArguments(args: readonly string[], seed: number): ParsedArguments {
  try {
    const string = { type: 'string' } as const;
    const { values } = parseArgs({ args: [...args], options: { cases: string, seed: string, minutes: string } });
    return {
      ok: true,
      values: {
        // With a time and no number of cases the time alone decides.
        cases: number('--cases', values.cases, values.minutes === undefined ? DEFAULT_CASES : Number.MAX_SAFE_INTEGER),
        seed: number('--seed', values.seed, seed) % MAX_SEED,
        ...(values.minutes !== undefined && { maxMs: number('--minutes', values.minutes, 0) * MS_PER_MINUTE }),
      },
    };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : 'wrong arguments' };
  }
}

function number(flag: string, text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value >= 0 && (value > 0 || flag === '--seed'))) throw new Error(`${flag} must be a number above 0, not '${text}'`);
  return value;
}
