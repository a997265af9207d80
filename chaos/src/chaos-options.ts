import { parseArgs } from 'node:util';
import { isNativeError } from 'node:util/types';

export interface ChaosOptions {
  /** Decides the order of faults, the devices and the pushes. */
  readonly seed: number;
  /** Only these scenarios; absent: all. */
  readonly only?: readonly string[];
  /** In each scenario. */
  readonly pushes: number;
  /** Writes the figures into docs/reliability.md. */
  readonly report: boolean;
}

export type ParsedOptions =
  | { readonly ok: true; readonly options: ChaosOptions }
  | { readonly ok: false; readonly message: string };

const DEFAULT_PUSHES = 4000;
const MAX_PUSHES = 1_000_000;
const MAX_SEED = 2 ** 31 - 1;

/** The usage text. */
export function usage(names: readonly string[]): string {
  return `usage: npm run chaos -- [--seed N] [--only NAME[,NAME]] [--pushes N] [--report]
  NAME: ${names.join(', ')}
  --report: write the figures into docs/reliability.md
`;
}

/** Reads the command line; `anySeed` is taken when none is named. */
export function parseChaosOptions(args: readonly string[], names: readonly string[], anySeed: number): ParsedOptions {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: 'string', default: String(anySeed) },
        only: { type: 'string' },
        pushes: { type: 'string', default: String(DEFAULT_PUSHES) },
        report: { type: 'boolean', default: false },
      },
    });
    const only = values.only?.split(',');
    const unknown = only?.find((name) => !names.includes(name));
    if (unknown !== undefined) throw new Error(`--only: '${unknown}' is none of ${names.join(', ')}`);
    return {
      ok: true,
      options: {
        seed: wholeNumber('--seed', values.seed, MAX_SEED),
        pushes: wholeNumber('--pushes', values.pushes, MAX_PUSHES),
        report: values.report,
        ...(only && { only }),
      },
    };
  } catch (error) {
    return { ok: false, message: isNativeError(error) ? error.message : 'wrong arguments' };
  }
}

function wholeNumber(flag: string, text: string, max: number): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > max) throw new Error(`${flag} must be a whole number from 1 to ${max}, not '${text}'`);
  return value;
}
