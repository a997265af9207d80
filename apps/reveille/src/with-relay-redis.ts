import { configSchema, formatProblems, loadConfig, looseAppSchema, redisAddress, resolvePath } from '@reveille/config';
import type { CommonAppSettings, RedisAddress, Settings } from '@reveille/config';
import { within } from '@reveille/observability';
import { connectWorker, describeRedisFailure, readServerTime, TooManyToSearch } from '@reveille/queue';
import type { RedisClient } from '@reveille/queue';
import { argumentWarnings } from '@reveille/role';

import { EXIT_FAILED } from './command';
import type { CommandContext } from './command';
import { embeddedAddressFile, readEmbeddedAddress } from './embedded-address';
import type { RelayFlags } from './relay-flags';

/** What a command works with once it is connected. */
export interface RelayRedis {
  readonly redis: RedisClient;
  readonly settings: Settings<CommonAppSettings>;
  /** The start of all keys. */
  readonly prefix: string;
  /** Of Redis, which all roles go by: milliseconds since the epoch. */
  readonly now: () => number;
  /** The keys of `apps` of the configuration: app ids and globs. */
  readonly apps: readonly string[];
}

/** Who waits at a terminal learns within this time that Redis is away. Milliseconds. */
const CONNECT_TIMEOUT_MS = 2_500;
/** For all of a command's work on a Redis that was there at its start; thousands of apps take a second. Milliseconds. */
const WORK_TIMEOUT_MS = 20_000;
/** How long the work may take: some seconds, or until it is done or somebody ends it. */
export type Patience = 'short' | 'endless';
/** What another try would be told as well. */
const LASTING_FAILURES = ['WRONGPASS', 'NOAUTH', 'NOPERM'];

/**
 * Finds the configuration as every role does, connects to its Redis (or to the embedded one of a running `reveille serve`)
 * and does `work`. Resolves with its exit code; with 1, after one line that says what to do, when Redis cannot be had or
 * fails on the way.
 */
export async function withRelayRedis(
  flags: RelayFlags,
  context: CommandContext,
  work: (relay: RelayRedis) => Promise<number>,
  patience: Patience = 'short',
): Promise<number> {
  const { environment, cwd } = context;
  for (const { path, message } of argumentWarnings(flags.redisUrl)) context.complain(`reveille: ${path} ${message}\n`);
  const loaded = loadConfig({ file: flags.configFile, schema: configSchema(looseAppSchema), environment, cwd });
  if (!loaded.ok) {
    context.complain(formatProblems(loaded.file, loaded.problems));
    return EXIT_FAILED;
  }
  const { settings, baseDirectory } = loaded;
  const server = findServer(settings, flags, baseDirectory);
  if (!server.ok) return giveUp(context, server.message);

  // Its commands wait: those of a producer would fail while the nodes of a Cluster are still being connected.
  const redis = connectWorker(server.address);
  try {
    const connected = await connect(redis);
    if (connected !== true) return giveUp(context, `Redis is not reachable (${connected})${server.hint}`);
    const working = workOn(redis, settings, work);
    const exitCode = await (patience === 'endless' ? working : within(working, WORK_TIMEOUT_MS, undefined));
    return exitCode ?? giveUp(context, 'Redis failed (no answer)');
  } catch (error) {
    const why = whyItFailed(error, redis);
    if (why === undefined) throw error;
    return giveUp(context, why);
  } finally {
    redis.disconnect();
  }
}

/** For whoever waits; undefined: it is a fault of our own, which has to be seen whole. */
function whyItFailed(error: unknown, redis: RedisClient): string | undefined {
  if (error instanceof TooManyToSearch) return error.message;
  // The text of Redis can hold arguments and addresses.
  return isRedisFailure(error, redis) ? `Redis failed (${describeRedisFailure(error)})` : undefined;
}

async function workOn(
  redis: RedisClient,
  settings: Settings<CommonAppSettings>,
  work: (relay: RelayRedis) => Promise<number>,
): Promise<number> {
  const ahead = (await readServerTime(redis)) - Date.now();
  const { prefix } = settings.redis;
  return work({ redis, settings, prefix, now: () => Date.now() + ahead, apps: Object.keys(settings.apps) });
}

function giveUp({ complain }: CommandContext, message: string): number {
  complain(`reveille: ${message}\n`);
  return EXIT_FAILED;
}

type Server =
  | { readonly ok: true; readonly address: RedisAddress; readonly hint: string }
  | { readonly ok: false; readonly message: string };

function findServer(settings: Settings<CommonAppSettings>, flags: RelayFlags, baseDirectory: string): Server {
  const configured = redisAddress(settings, { redisUrl: flags.redisUrl, baseDirectory });
  if (configured !== undefined) return { ok: true, address: configured, hint: '' };
  const dataDirectory = resolvePath(baseDirectory, settings.redis.data_directory);
  const file = embeddedAddressFile(dataDirectory);
  const embedded = readEmbeddedAddress(dataDirectory);
  if (embedded.ok) {
    const hint = `: nobody answers at the address in ${file}; is \`reveille serve\` running with this configuration?`;
    return { ok: true, address: { url: embedded.url }, hint };
  }
  return {
    ok: false,
    message:
      `the configuration names no Redis, and ${file}, which tells where the embedded one is, ${embedded.reason}: ` +
      'start `reveille serve`, or set redis.url or --redis-url',
  };
}

/** True, or why it is not reachable. */
async function connect(redis: RedisClient): Promise<true | string> {
  let failure: string | undefined;
  const hopeless = new Promise<string>((resolve) => {
    redis.on('error', (error) => {
      failure = describeRedisFailure(error);
      if (LASTING_FAILURES.includes(failure)) resolve(failure);
    });
  });
  const answer = redis.ping().then(() => true as const, describeRedisFailure);
  return (await within(Promise.race([answer, hopeless]), CONNECT_TIMEOUT_MS, undefined)) ?? failure ?? 'no answer';
}

/** Of ioredis, when it does not just lose its connection. */
const REDIS_ERRORS = ['ReplyError', 'ClusterAllFailedError', 'MaxRetriesPerRequestError', 'AbortError'];

/** As opposed to mistakes in our own code. */
function isRedisFailure(error: unknown, redis: RedisClient): boolean {
  return redis.status !== 'ready' || (error instanceof Error && REDIS_ERRORS.includes(error.name));
}
