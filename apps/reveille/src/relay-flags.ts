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
  /** The command's own flags without a value, if they were given. */
  readonly switches: ReadonlySet<string>;
  /** What is no flag. */
  readonly words: readonly string[];
}

/** As `--help` shows them. */
export const RELAY_FLAGS_USAGE = '[--config FILE] [--redis-url URL] [--json]';
/** Of a command that takes a device. */
export const PUSHKEY_USAGE = '--pushkey - | --pushkey-hash HASH';
/** Of a command that takes a choice of failed pushes. */
export const FILTER_USAGE =
  '[--app APP] [--reason R] [--provider-status N|none] [--provider-reason R|none] [--outcome dead|expired] [--since TIME] [--until TIME] ' +
  `[--event EVENT_ID] [--room ROOM_ID] [${PUSHKEY_USAGE}] [--attempts-min N] [--attempts-max N]`;

const string = { type: 'string' } as const;
const boolean = { type: 'boolean' } as const;

/**
 * Reads `--config FILE --redis-url URL --json`, the command's `own` flags (each with a value), its `switches` and words.
 * @throws UsageError
 */
export function parseRelayArguments(
  args: readonly string[],
  own: readonly string[] = [],
  switches: readonly string[] = [],
): RelayArguments {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        ...Object.fromEntries(own.map((name) => [name, string])),
        ...Object.fromEntries(switches.map((name) => [name, boolean])),
        config: string,
        'redis-url': string,
        json: boolean,
      },
    });
    const texts = Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return {
      ...(values.config !== undefined && { configFile: values.config }),
      ...(values['redis-url'] !== undefined && { redisUrl: values['redis-url'] }),
      json: values.json ?? false,
      values: Object.fromEntries(texts.filter(([name]) => own.includes(name))),
      switches: new Set(switches.filter((name) => Object.entries(values).some(([given, value]) => given === name && value === true))),
      words: positionals,
    };
  } catch (error) {
    throw new UsageError(isNativeError(error) ? error.message : 'wrong arguments');
  }
}
