import { parseArgs, types } from 'node:util';

import { UsageError } from './command';

export interface RoleFlags {
  readonly configFile?: string;
  readonly httpPort?: number;
  readonly metricsPort?: number;
}

const HIGHEST_PORT = 65_535;

/**
 * `--config FILE --http-port N --metrics-port N`.
 * @throws UsageError
 */
export function parseRoleFlags(args: readonly string[]): RoleFlags {
  const { config, 'http-port': http, 'metrics-port': metrics } = parseFlags(args);
  return {
    ...(config !== undefined && { configFile: config }),
    ...(http !== undefined && { httpPort: parsePort('--http-port', http) }),
    ...(metrics !== undefined && { metricsPort: parsePort('--metrics-port', metrics) }),
  };
}

function parseFlags(args: readonly string[]) {
  const string = { type: 'string' } as const;
  try {
    return parseArgs({ args: [...args], options: { config: string, 'http-port': string, 'metrics-port': string } }).values;
  } catch (error) {
    throw new UsageError(types.isNativeError(error) ? error.message : 'wrong arguments');
  }
}

function parsePort(flag: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= HIGHEST_PORT)) throw new UsageError(`${flag} must be a port from 0 (any free one) to ${HIGHEST_PORT}, not '${text}'`);
  return port;
}
