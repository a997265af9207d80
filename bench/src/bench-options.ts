import { isAbsolute, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface BenchOptions {
  /** Where the figures are written beside the table; absolute. */
  readonly json?: string;
  /** Whether the ratios are compared with those of the baseline. */
  readonly check?: true;
  /** Only this benchmark. */
  readonly only?: string;
  /** Length of one measurement; warming up comes on top. */
  readonly seconds: number;
  /** Times that each pair of measurements (ours, limit) is repeated; the median counts. */
  readonly rounds: number;
  /** Where our processes write their CPU profiles; absolute. Absent: they are not profiled. */
  readonly profile?: string;
}

export type ParsedOptions =
  | { readonly ok: true; readonly options: BenchOptions }
  | { readonly ok: false; readonly message: string };

const DEFAULT_SECONDS = 3;
const DEFAULT_ROUNDS = 3;
const MAX_SECONDS = 3600;
const MAX_ROUNDS = 100;

/** The usage text. */
export function usage(names: readonly string[]): string {
  return `usage: npm run bench -- [--only NAME] [--seconds N] [--rounds N] [--json FILE] [--check] [--profile DIR]
  NAME: ${names.join(', ')}
`;
}

/** Reads the command line; relative paths start at `cwd`. */
export function parseBenchOptions(args: readonly string[], names: readonly string[], cwd: string): ParsedOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        json: { type: 'string' },
        check: { type: 'boolean' },
        only: { type: 'string' },
        seconds: { type: 'string', default: String(DEFAULT_SECONDS) },
        rounds: { type: 'string', default: String(DEFAULT_ROUNDS) },
        profile: { type: 'string' },
      },
    });
    const { only } = values;
    if (only !== undefined && !names.includes(only)) {
      throw new Error(`--only: '${only}' is none of ${names.join(', ')}`);
    }
    const absolute = (path: string): string => (isAbsolute(path) ? path : resolve(cwd, path));
    return {
      ok: true,
      options: {
        seconds: positive('--seconds', values.seconds, MAX_SECONDS),
        rounds: Math.ceil(positive('--rounds', values.rounds, MAX_ROUNDS)),
        ...(only !== undefined && { only }),
        ...(values.check && { check: true }),
        ...(values.json !== undefined && { json: absolute(values.json) }),
        ...(values.profile !== undefined && { profile: absolute(values.profile) }),
      },
    };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : 'wrong arguments' };
  }
}

function positive(flag: string, text: string, max: number): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value > 0 && value <= max)) throw new Error(`${flag} must be a number above 0 and up to ${max}, not '${text}'`);
  return value;
}
