import {
  configSchema,
  formatProblems,
  loadConfig,
  looseAppSchema,
  type ConfigProblem,
  type Environment,
} from '@reveille/config';
import type { RedisSettings } from '@reveille/queue';

import type { RoleArguments } from './role-arguments';

/** What the admin needs of the configuration; the command line has been applied. */
export interface AdminSettings {
  readonly bindAddress: string;
  readonly port: number;
  readonly metricsBindAddress: string;
  readonly metricsPort: number;
  readonly redis: RedisSettings;
  readonly redisPrefix: string;
  readonly log: { readonly level: LogLevelName; readonly format: 'auto' | 'json' | 'pretty' };
  /** The keys under `apps`: exact ids and globs. */
  readonly apps: readonly string[];
  readonly warnings: readonly ConfigProblem[];
}

type LogLevelName = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

export interface SettingsSource {
  readonly values: RoleArguments;
  readonly environment: Environment;
  readonly cwd: string;
}

const NO_REDIS: ConfigProblem = {
  path: 'redis.url',
  found: '',
  message: 'is needed when a role runs on its own (only `reveille serve` starts an embedded server)',
  example: "redis: { url: 'redis://127.0.0.1:6379' }",
};

/** The settings, or every problem as text for a person. */
export function loadAdminSettings({
  values,
  environment,
  cwd,
}: SettingsSource):
  { readonly ok: true; readonly settings: AdminSettings } | { readonly ok: false; readonly message: string } {
  const loaded = loadConfig({ file: values.config, schema: configSchema(looseAppSchema), environment, cwd });
  if (!loaded.ok) {
    return { ok: false, message: formatProblems(loaded.file, loaded.problems) };
  }
  const { admin, metrics, redis, log, apps } = loaded.settings;
  const url = values.redisUrl ?? redis.url;
  if (url === undefined) {
    return { ok: false, message: formatProblems(loaded.file, [NO_REDIS]) };
  }
  return {
    ok: true,
    settings: {
      bindAddress: admin.bind_address,
      port: values.httpPort ?? admin.port,
      metricsBindAddress: metrics.bind_address,
      metricsPort: values.metricsPort ?? metrics.ports.admin,
      redis: {
        url,
        ...(redis.username !== undefined && { username: redis.username }),
        ...(redis.password !== undefined && { password: redis.password }),
      },
      redisPrefix: redis.prefix,
      log,
      apps: Object.keys(apps),
      warnings: loaded.warnings,
    },
  };
}
