import { parseArgs } from 'node:util';
import { isNativeError } from 'node:util/types';

import { UsageError } from './command';

/** What every command that talks to the relay's Redis takes. */
export interface RelayFlags {
  readonly configFile?: string;
  readonly redisUrl?: string;
  /** Print JSON instead of text. */
  readonly json: boolean;
}

export interface RelayArguments extends RelayFlags {
  /** The command's own flags, by name without `--`. */
  readonly values: Readonly<Record<string, string | undefined>>;
  /** What is no flag. */
  readonly words: readonly string[];
}

/** As `--help` shows them. */
export const RELAY_FLAGS_USAGE = '[--config FILE] [--redis-url URL] [--json]';

const string = { type: 'string' } as const;

/**
 * Reads `--config FILE --redis-url URL --json`, the command's `own` flags (each with a value) and words.
 * @throws UsageError
 */
export function parseRelayArguments(args: readonly string[], own: readonly string[] = []): RelayArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...Object.fromEntries(own.map((name) => [name, string])),
        config: string,
        'redis-url': string,
        json: { type: 'boolean' },
      },
    });
    const texts = Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return {
      ...(values.config !== undefined && { configFile: values.config }),
      ...(values['redis-url'] !== undefined && { redisUrl: values['redis-url'] }),
      json: values.json ?? false,
      values: Object.fromEntries(texts.filter(([name]) => own.includes(name))),
      words: positionals,
    };
  } catch (error) {
    throw new UsageError(isNativeError(error) ? error.message : 'wrong arguments');
  }
}
