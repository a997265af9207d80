import { parseArgs } from 'node:util';
import { isNativeError } from 'node:util/types';

/** What a role's command line may say instead of the configuration file. */
export interface RoleArguments {
  readonly config?: string;
  readonly httpPort?: number;
  readonly metricsPort?: number;
  readonly redisUrl?: string;
  /** Only look for problems in the configuration. */
  readonly checkConfig: boolean;
}

export type ParsedArguments =
  | { readonly ok: true; readonly values: RoleArguments }
  | { readonly ok: false; readonly message: string };

const HIGHEST_PORT = 65_535;
const string = { type: 'string' } as const;

/** The usage line of a role. */
export function usage(role: string): string {
  return `usage: ${role} [--config FILE] [--http-port N] [--metrics-port N] [--redis-url URL] [--check-config]\n`;
}

/** Reads the command line; `message` says what is wrong with it. */
export function parseRoleArguments(args: readonly string[]): ParsedArguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        config: string,
        'http-port': string,
        'metrics-port': string,
        'redis-url': string,
        'check-config': { type: 'boolean' },
      },
    });
    return {
      ok: true,
      values: {
        ...(values.config !== undefined && { config: values.config }),
        ...(values['http-port'] !== undefined && { httpPort: parsePort('--http-port', values['http-port']) }),
        ...(values['metrics-port'] !== undefined && { metricsPort: parsePort('--metrics-port', values['metrics-port']) }),
        ...(values['redis-url'] !== undefined && { redisUrl: values['redis-url'] }),
        checkConfig: values['check-config'] ?? false,
      },
    };
  } catch (error) {
    return { ok: false, message: isNativeError(error) ? error.message : 'wrong arguments' };
  }
}

function parsePort(flag: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= HIGHEST_PORT)) {
    throw new Error(`${flag} must be a port from 0 (any free one) to ${HIGHEST_PORT}, not '${text}'`);
  }
  return port;
}
