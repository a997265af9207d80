import { parseRoleArguments } from '@reveille/role';

import { UsageError } from './command';

export interface RoleFlags {
  readonly configFile?: string;
  readonly httpPort?: number;
  readonly metricsPort?: number;
  readonly redisUrl?: string;
}

/**
 * `--config FILE --http-port N --metrics-port N --redis-url URL`, as every role reads them.
 * @throws UsageError
 */
export function parseRoleFlags(args: readonly string[]): RoleFlags {
  const parsed = parseRoleArguments(args);
  if (!parsed.ok) throw new UsageError(parsed.message);
  const { config, checkConfig, ...flags } = parsed.values;
  if (checkConfig) throw new UsageError('to check a configuration: reveille check-config FILE');
  return { ...flags, ...(config !== undefined && { configFile: config }) };
}
