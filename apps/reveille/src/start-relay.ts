import {
  configSchema,
  formatProblems,
  hasAdminLogin,
  loadConfig,
  looseAppSchema,
  namesRedis,
  resolvePath,
  SERVE_PASSWORD_VARIABLE,
  SERVE_USER,
} from '@reveille/config';
import type { CommonSettings, Environment } from '@reveille/config';
import type { Logger } from '@reveille/observability';
import { argumentWarnings } from '@reveille/role';

import { checkConfiguration } from './check-configuration';
import type { ReadyMessage } from './ready-message';
import { RoleProcess } from './role-process';
import { makeServePassword } from './serve-password';
import { SupervisedRedis } from './supervised-redis';
import type { Supervisor } from './supervisor';
import type { RoleName } from './workspace-paths';

export interface RelayOptions {
  /** As given; absent: REVEILLE_CONFIG or ./reveille.yaml, as every role looks for it. */
  readonly configFile?: string;
  /** 0: any free port for every role; else the port of ingress. */
  readonly httpPort?: number;
  /** 0: any free port for every role; else the port of ingress's metrics, the next ones for dispatcher and admin. */
  readonly metricsPort?: number;
  /** Instead of the configured Redis. */
  readonly redisUrl?: string;
  readonly environment: Environment;
  readonly cwd: string;
  readonly redisCacheDirectory: string;
  readonly roleScript: (role: RoleName) => string;
  readonly supervisor: Supervisor;
  readonly logger: Logger;
  /** Where a refused configuration is explained. */
  readonly complain: (text: string) => void;
}

export interface StartedRelay {
  readonly ok: true;
  /** What each role said when it was ready. */
  readonly urls: Readonly<Record<RelayRole, ReadyMessage['urls']>>;
  /** Set when the Redis is our own; without its password. */
  readonly embeddedRedis?: { readonly port: string; readonly dataDirectory: string };
  /** Set when the configuration lets nobody into the admin: whoever started the relay signs in with it, until it ends. */
  readonly adminLogin?: AdminLogin;
}

export interface AdminLogin {
  readonly name: string;
  readonly password: string;
}

export type RelayStart = StartedRelay | { readonly ok: false; readonly exitCode: number };
export type RelayRole = 'ingress' | 'dispatcher' | 'admin';

/** In the order of their start: everything ends in the reverse order, ingress first. */
const ROLES: readonly RelayRole[] = ['dispatcher', 'admin', 'ingress'];
/** What a role may take beyond its own bound for draining (which has 3 s for closing connections), before it is killed. */
const STOP_MARGIN_MS = 5_000;
/** How a role is told its Redis. By environment, since every process list shows arguments, and the URL holds a password. */
const REDIS_URL_VARIABLE = 'REVEILLE_REDIS__URL';
const METRICS_PORT_OFFSETS: Readonly<Record<RelayRole, number>> = { ingress: 0, dispatcher: 1, admin: 2 };

/**
 * Starts the relay: the embedded Redis if the configuration names none, then the roles, all owned by `supervisor`.
 * A configuration with an error, a missing Redis or a taken port is an exit code, after its explanation.
 */
export async function startRelay({ redisUrl, ...given }: RelayOptions): Promise<RelayStart> {
  const environment = redisUrl === undefined ? given.environment : { ...given.environment, [REDIS_URL_VARIABLE]: redisUrl };
  const options = { ...given, environment };
  for (const { path, message } of argumentWarnings(redisUrl)) options.logger.warn({ setting: path, problem: message }, 'configuration');
  const verdict = await checkConfiguration(options);
  if (verdict.exitCode !== 0) {
    options.complain(verdict.output);
    return { ok: false, exitCode: verdict.exitCode };
  }
  const loaded = loadConfig({
    ...(options.configFile !== undefined && { file: options.configFile }),
    schema: configSchema(looseAppSchema),
    environment: options.environment,
    cwd: options.cwd,
  });
  if (!loaded.ok) {
    options.complain(`${formatProblems(loaded.file, loaded.problems)}\n`);
    return { ok: false, exitCode: 1 };
  }
  const { settings, baseDirectory } = loaded;
  if (namesRedis(settings)) return startRoles(options, settings, options.environment);
  const dataDirectory = resolvePath(baseDirectory, settings.redis.data_directory);
  return startWithEmbeddedRedis(options, settings, dataDirectory);
}

async function startWithEmbeddedRedis(options: RelayOptions, settings: CommonSettings, dataDirectory: string): Promise<RelayStart> {
  const redis = await options.supervisor
    .add(new SupervisedRedis({ dataDirectory, cacheDirectory: options.redisCacheDirectory, logger: options.logger }))
    .start();
  if (!redis.ok) {
    options.complain(`reveille: ${redis.message}\n`);
    return { ok: false, exitCode: 1 };
  }
  const relay = await startRoles(options, settings, { ...options.environment, [REDIS_URL_VARIABLE]: redis.url });
  return relay.ok ? { ...relay, embeddedRedis: { port: new URL(redis.url).port, dataDirectory } } : relay;
}

async function startRoles(options: RelayOptions, settings: CommonSettings, environment: Environment): Promise<RelayStart> {
  const own = hasAdminLogin(settings.admin) ? undefined : await makeServePassword();
  // A signal may have come while Redis was started: then everything is ending already.
  if (options.supervisor.isStopping) return { ok: false, exitCode: 0 };
  const starts = ROLES.map(async (role) => {
    const process = new RoleProcess({
      name: role,
      script: options.roleScript(role),
      args: roleArguments(role, options),
      // The same for every process of the admin: a crash of it asks nobody for a new password.
      environment: { ...environment, [SERVE_PASSWORD_VARIABLE]: role === 'admin' ? own?.hash : undefined },
      stopTimeoutMs: stopTimeoutMs(role, settings),
      logger: options.logger,
    });
    return { role, start: await options.supervisor.add(process).start() };
  });
  // The first refusal ends the wait: the others may never become ready without it.
  const refused = new Promise<number>((resolve) => {
    for (const starting of starts) void starting.then(({ start }) => start.ok || resolve(start.exitCode));
  });
  const ready = await Promise.race([Promise.all(starts), refused]);
  if (typeof ready === 'number') return { ok: false, exitCode: ready };
  const login = own && { name: SERVE_USER, password: own.password };
  return { ok: true, urls: urlsByRole(ready), ...(login && { adminLogin: login }) };
}

function urlsByRole(ready: readonly { role: RelayRole; start: { ok: boolean; ready?: ReadyMessage } }[]): StartedRelay['urls'] {
  const urlsOf = (role: RelayRole) => ready.find((entry) => entry.role === role)?.start.ready?.urls ?? {};
  return { ingress: urlsOf('ingress'), dispatcher: urlsOf('dispatcher'), admin: urlsOf('admin') };
}

/** The arguments with which a role's main is started. */
export function roleArguments(role: RelayRole, options: Pick<RelayOptions, 'configFile' | 'httpPort' | 'metricsPort'>): string[] {
  const args = options.configFile === undefined ? [] : ['--config', options.configFile];
  const { httpPort, metricsPort } = options;
  if (httpPort !== undefined && role !== 'dispatcher' && (httpPort === 0 || role === 'ingress')) {
    args.push('--http-port', String(httpPort));
  }
  if (metricsPort !== undefined) {
    args.push('--metrics-port', String(metricsPort === 0 ? 0 : metricsPort + METRICS_PORT_OFFSETS[role]));
  }
  return args;
}

function stopTimeoutMs(role: RelayRole, settings: CommonSettings): number {
  switch (role) {
    case 'ingress':
    case 'admin':
      return settings.http.shutdown_grace + STOP_MARGIN_MS;
    case 'dispatcher':
      return settings.dispatcher.shutdown_grace + STOP_MARGIN_MS;
    default:
      return role satisfies never;
  }
}
