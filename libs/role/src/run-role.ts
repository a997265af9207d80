import {
  formatProblems,
  loadConfig,
  redisAddress,
  type AppCheck,
  type CommonSettings,
  type ConfigProblem,
  type Environment,
  type RedisAddress,
} from '@reveille/config';
import {
  announceReady,
  createLogger,
  errorCode,
  onFatalError,
  onShutdown,
  type Logger,
} from '@reveille/observability';
import { isNativeError } from 'node:util/types';
import type { z } from 'zod';
import { argumentWarnings, refusedByEnvironment } from './start-safely';
import { parseRoleArguments, usage } from './role-arguments';

/** What a role starts with: validated settings, and what the command line said. */
export interface RoleContext<S> {
  readonly settings: S;
  /** Where relative paths in the settings start. */
  readonly baseDirectory: string;
  readonly environment: Environment;
  readonly redis: RedisAddress;
  /** Overrides of the command line; absent: as in the settings. */
  readonly httpPort?: number;
  readonly metricsPort?: number;
  readonly logger: Logger;
}

export interface RunningRole {
  /** Where it listens, by surface (`http`, `metrics`). */
  readonly urls: Readonly<Record<string, string>>;
  /** Ends it in order, within the role's own bounds. */
  close(): Promise<void>;
}

/** One role as its `main.ts` composes it. */
export interface RoleDefinition<T extends z.ZodType<CommonSettings>> {
  readonly role: 'ingress' | 'dispatcher' | 'admin';
  readonly schema: T;
  /** Looks at what the apps' settings name, such as key files. Tries nothing over the network. */
  readonly checkApp?: AppCheck;
  readonly start: (context: RoleContext<z.output<T>>) => Promise<RunningRole>;
  /** Upper bound of `close`, in milliseconds. */
  readonly shutdownGraceMs: (settings: z.output<T>) => number;
}

/** The process around a role, for tests to replace. */
export interface Surroundings {
  readonly args: readonly string[];
  readonly environment: Environment;
  readonly cwd: string;
  readonly write: (text: string) => void;
  readonly writeError: (text: string) => void;
}

const EXIT_WRONG_CONFIGURATION = 1;
const EXIT_WRONG_USE = 2;
/** For what a role closes after its own grace: connections, the metrics server. Milliseconds. */
const AFTER_GRACE_MS = 3_000;

const NO_REDIS: ConfigProblem = {
  path: 'redis.url',
  found: '',
  message:
    'or redis.cluster or redis.sentinels is needed when a role runs on its own (only `reveille serve` starts an embedded server)',
  example: "redis: { url: 'redis://127.0.0.1:6379' }",
};

/**
 * A role from its command line on. Resolves with an exit code when it ends at once (wrong use, wrong configuration,
 * `--check-config`), else with undefined as soon as it listens.
 */
export async function runRole<T extends z.ZodType<CommonSettings>>(
  definition: RoleDefinition<T>,
  surroundings: Surroundings,
): Promise<number | undefined> {
  const { args, environment, cwd, write, writeError } = surroundings;
  const parsed = parseRoleArguments(args);
  if (!parsed.ok) {
    writeError(`${parsed.message}\n${usage(definition.role)}`);
    return EXIT_WRONG_USE;
  }
  const refused = refusedByEnvironment(environment);
  if (refused.length > 0) {
    writeError(formatProblems(undefined, refused));
    return EXIT_WRONG_CONFIGURATION;
  }
  const { schema, checkApp } = definition;
  const loaded = loadConfig({ file: parsed.values.config, schema, checkApp, environment, cwd });
  if (!loaded.ok) {
    writeError(formatProblems(loaded.file, loaded.problems));
    return EXIT_WRONG_CONFIGURATION;
  }
  if (parsed.values.checkConfig) {
    const { warnings } = loaded;
    if (warnings.length > 0) writeError(formatProblems(loaded.file, warnings, 'warning'));
    write(`${loaded.file ?? 'the environment'}: no problems found${warnings.length > 0 ? ' but what is warned of' : ''}\n`);
    return 0;
  }
  const { baseDirectory } = loaded;
  const redis = redisAddress(loaded.settings, { redisUrl: parsed.values.redisUrl, baseDirectory });
  if (redis === undefined) {
    writeError(formatProblems(loaded.file, [NO_REDIS]));
    return EXIT_WRONG_CONFIGURATION;
  }
  const warnings = [...loaded.warnings, ...argumentWarnings(parsed.values.redisUrl)];
  return startRole(definition, { ...loaded, ...parsed.values, warnings, environment, redis }, writeError);
}

async function startRole<T extends z.ZodType<CommonSettings>>(
  definition: RoleDefinition<T>,
  context: Omit<RoleContext<z.output<T>>, 'logger'> & { readonly warnings: readonly ConfigProblem[] },
  writeError: (text: string) => void,
): Promise<number | undefined> {
  const { settings, warnings } = context;
  const logger = createLogger({ role: definition.role, ...settings.log });
  onFatalError({ logger });
  for (const { path, message } of warnings) logger.warn({ setting: path, problem: message }, 'configuration');
  try {
    const running = await definition.start({ ...context, logger });
    onShutdown({
      logger,
      graceMs: definition.shutdownGraceMs(settings) + AFTER_GRACE_MS,
      stop: () => running.close(),
    });
    logger.info({ ...running.urls }, `${definition.role} listening`);
    announceReady(running.urls);
    return undefined;
  } catch (error) {
    if (!isListenError(error)) throw error; // a fault of ours: onFatalError logs it
    writeError(
      `${definition.role}: cannot listen (${errorCode(error) ?? 'unknown error'}); ` +
        'change its port in the configuration, or let --http-port 0 and --metrics-port 0 take any free ones\n',
    );
    return EXIT_WRONG_CONFIGURATION;
  }
}

function isListenError(error: unknown): boolean {
  return isNativeError(error) && 'syscall' in error && (error.syscall === 'listen' || error.syscall === 'getaddrinfo');
}
