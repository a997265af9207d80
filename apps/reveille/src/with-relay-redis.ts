import { z } from 'zod';

import { configSchema, formatProblems, loadConfig, looseAppSchema, redisAddress, resolvePath } from '@reveille/config';
import type { CommonAppSettings, RedisAddress, Settings } from '@reveille/config';
import { within } from '@reveille/observability';
import { checkReachable, connectProducer, describeRedisFailure } from '@reveille/queue';
import type { RedisClient } from '@reveille/queue';

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
const LOOK_MS = 25;
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
): Promise<number> {
  const { environment, cwd } = context;
  const loaded = loadConfig({ file: flags.configFile, schema: configSchema(looseAppSchema), environment, cwd });
  if (!loaded.ok) {
    context.complain(formatProblems(loaded.file, loaded.problems));
    return EXIT_FAILED;
  }
  const { settings, baseDirectory } = loaded;
  const server = findServer(settings, flags, baseDirectory);
  if (!server.ok) return giveUp(context, server.message);

  const redis = connectProducer(server.address);
  try {
    const connected = await connect(redis);
    if (connected !== true) return giveUp(context, `Redis is not reachable (${connected})${server.hint}`);
    const ahead = (await timeOf(redis)) - Date.now();
    return await work({
      redis,
      settings,
      prefix: settings.redis.prefix,
      now: () => Date.now() + ahead,
      apps: Object.keys(settings.apps),
    });
  } catch (error) {
    // Its text can hold arguments and addresses; a fault of our own has to be seen whole.
    if (!isRedisFailure(error, redis)) throw error;
    return giveUp(context, `Redis failed (${describeRedisFailure(error)})`);
  } finally {
    redis.disconnect();
  }
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
  redis.on('error', (error) => (failure = describeRedisFailure(error)));
  const deadline = performance.now() + CONNECT_TIMEOUT_MS;
  for (;;) {
    const left = deadline - performance.now();
    if ((await within(checkReachable(redis), left, 'no answer')) === true) return true;
    const isHopeless = failure !== undefined && LASTING_FAILURES.includes(failure);
    if (isHopeless || performance.now() + LOOK_MS >= deadline) return failure ?? 'no answer';
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

const timeSchema = z.tuple([z.coerce.number(), z.coerce.number()]);

async function timeOf(redis: RedisClient): Promise<number> {
  const [seconds, microseconds] = timeSchema.parse(await redis.time());
  return seconds * 1000 + Math.floor(microseconds / 1000);
}

/** Of ioredis, when it does not just lose its connection. */
const REDIS_ERRORS = ['ReplyError', 'ClusterAllFailedError', 'MaxRetriesPerRequestError', 'AbortError'];

/** As opposed to mistakes in our own code. */
function isRedisFailure(error: unknown, redis: RedisClient): boolean {
  return redis.status !== 'ready' || (error instanceof Error && REDIS_ERRORS.includes(error.name));
}
