import { parseArgs } from 'node:util';
import { isNativeError } from 'node:util/types';

export interface SoakOptions {
  readonly minutes: number;
  /** Pushes per second. */
  readonly rate: number;
  readonly seed: number;
  /** Writes the figures into docs/reliability.md. */
  readonly report: boolean;
}

export type ParsedSoakOptions =
  | { readonly ok: true; readonly options: SoakOptions }
  | { readonly ok: false; readonly message: string };

const DEFAULT_MINUTES = 20;
const DEFAULT_RATE = 50;
const MAX_MINUTES = 10_000;
const MAX_RATE = 10_000;
const MAX_SEED = 2 ** 31 - 1;

export const SOAK_USAGE = 'usage: npm run soak -- [--minutes N] [--rate PUSHES_PER_SECOND] [--seed N] [--report]\n';

/** Reads the command line; `anySeed` is taken when none is named. */
export function parseSoakOptions(args: readonly string[], anySeed: number): ParsedSoakOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        minutes: { type: 'string', default: String(DEFAULT_MINUTES) },
        rate: { type: 'string', default: String(DEFAULT_RATE) },
        seed: { type: 'string', default: String(anySeed) },
        report: { type: 'boolean', default: false },
      },
    });
    return {
      ok: true,
      options: {
        minutes: positive('--minutes', values.minutes, MAX_MINUTES),
        rate: positive('--rate', values.rate, MAX_RATE),
        seed: Math.ceil(positive('--seed', values.seed, MAX_SEED)),
        report: values.report,
      },
    };
  } catch (error) {
    return { ok: false, message: isNativeError(error) ? error.message : 'wrong arguments' };
  }
}

function positive(flag: string, text: string, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value > 0 && value <= max)) throw new Error(`${flag} must be a number above 0 and up to ${max}, not '${text}'`);
  return value;
}
