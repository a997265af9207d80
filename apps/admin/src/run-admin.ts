import { types } from 'node:util';

import type { Environment } from '@reveille/config';
import { announceReady, createLogger, errorCode, onFatalError, onShutdown } from '@reveille/observability';

import { loadAdminSettings, type AdminSettings } from './admin-settings';
import { parseRoleArguments, USAGE } from './role-arguments';
import { startAdmin } from './start-admin';

export interface Surroundings {
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly cwd: string;
  readonly writeError: (text: string) => void;
}

const EXIT_WRONG_CONFIGURATION = 1;
const EXIT_WRONG_USE = 2;
/** For closing everything, longer than each step's own bound. Milliseconds. */
const SHUTDOWN_GRACE_MS = 8_000;

/** The role from its command line on. Resolves with an exit code if it cannot start, with undefined once it listens. */
export async function runAdmin({ args, environment, cwd, writeError }: Surroundings): Promise<number | undefined> {
  const parsed = parseRoleArguments(args);
  if (!parsed.ok) {
    writeError(`${parsed.message}\n${USAGE}`);
    return EXIT_WRONG_USE;
  }
  const loaded = loadAdminSettings({ values: parsed.values, environment, cwd });
  if (!loaded.ok) {
    writeError(loaded.message);
    return EXIT_WRONG_CONFIGURATION;
  }
  const { settings } = loaded;
  const logger = createLogger({ role: 'admin', ...settings.log });
  onFatalError({ logger });
  for (const { path, message } of settings.warnings) {
    logger.warn({ setting: path, problem: message }, 'configuration');
  }
  try {
    const admin = await startAdmin(settings, logger);
    onShutdown({ logger, graceMs: SHUTDOWN_GRACE_MS, stop: () => admin.close() });
    logger.info({ http: admin.urls.http, metrics: admin.urls.metrics }, 'listening');
    announceReady(admin.urls);
    return undefined;
  } catch (error) {
    if (!isListenError(error)) throw error; // a fault of ours: onFatalError logs it
    writeError(`${explainListenError(error, settings)}\n`);
    return EXIT_WRONG_CONFIGURATION;
  }
}

function isListenError(error: unknown): boolean {
  return (
    types.isNativeError(error) && 'syscall' in error && (error.syscall === 'listen' || error.syscall === 'getaddrinfo')
  );
}

function explainListenError(
  error: unknown,
  { bindAddress, port, metricsBindAddress, metricsPort }: AdminSettings,
): string {
  return [
    `admin.bind_address ${bindAddress}, admin.port ${port};`,
    `metrics.bind_address ${metricsBindAddress}, metrics.ports.admin ${metricsPort}:`,
    `cannot listen (${errorCode(error) ?? 'unknown error'}); --http-port 0 and --metrics-port 0 take any free ports`,
  ].join(' ');
}
