import { join } from 'node:path';
import { findRedisServer, startRedis, type RunningRedis } from '@reveille/embedded-redis';
import { appKeyBase } from '@reveille/queue';
import { Redis } from 'ioredis';
import { delay } from './benchmarks/benchmark';
import { REDIS_CACHE_DIRECTORY } from './workspace-paths';

/** The namespace of the relay under test. */
export const REDIS_PREFIX = 'bench';

/** A Redis of the benchmark's own, persisting as `npm start`'s does, and a connection to look at it. */
export interface BenchRedis {
  readonly url: string;
  readonly pid: number;
  readonly client: Redis;
  /** Pushes of an app that wait, in the relay's namespace or another one. */
  waiting(appKey: string, prefix?: string): Promise<number>;
  /** Memory in use, in bytes. */
  usedMemory(): Promise<number>;
  /** Does `work` while the append-only file is rewritten as it grows, as Redis does by itself; waits for the last rewrite. */
  withRewrites(work: () => Promise<void>): Promise<void>;
  /** Ends it in order and starts it with what it had kept; resolves when it answers. Nobody else may use it meanwhile. */
  restart(): Promise<void>;
  /** Empties it. */
  clear(): Promise<void>;
  stop(): Promise<void>;
}

const ANY_PORT = 0;
const REWRITE_PERCENTAGE = 'auto-aof-rewrite-percentage';
const REWRITE_NEVER = '0';
/** When the file is twice as long as after the last rewrite: the default. */
const REWRITE_AT_TWICE = '100';
const POLL_SECONDS = 0.05;

type Server = Extract<Awaited<ReturnType<typeof findRedisServer>>, { ok: true }>;

/** @throws Error that says how to get a server when there is none. */
export async function findBenchRedis(): Promise<Server> {
  const server = await findRedisServer({ cacheDirectory: REDIS_CACHE_DIRECTORY, allowDownload: true });
  if (!server.ok) throw new Error(server.message);
  return server;
}

export async function startBenchRedis(server: Server, directory: string): Promise<BenchRedis> {
  const start = (port: number): Promise<RunningRedis> =>
    startRedis({
      server,
      port,
      persistence: 'everysec',
      directory: join(directory, 'redis'),
      // A rewrite of the append-only file forks and would hit one half of a pair only.
      settings: { [REWRITE_PERCENTAGE]: REWRITE_NEVER },
    });
  let redis = await start(ANY_PORT);
  const client = new Redis(redis.url);
  return {
    url: redis.url,
    get pid() {
      return redis.pid;
    },
    client,
    async waiting(appKey, prefix = REDIS_PREFIX) {
      const base = appKeyBase(prefix, appKey);
      const [high, low] = await Promise.all([client.llen(`${base}wait`), client.zcard(`${base}prioritized`)]);
      return high + low;
    },
    async usedMemory() {
      const info = await client.info('memory');
      return Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
    },
    async withRewrites(work) {
      await client.config('SET', REWRITE_PERCENTAGE, REWRITE_AT_TWICE);
      await work();
      while (/^aof_rewrite_(in_progress|scheduled):1/m.test(await client.info('persistence'))) await delay(POLL_SECONDS);
      await client.config('SET', REWRITE_PERCENTAGE, REWRITE_NEVER);
    },
    async restart() {
      await redis.stop();
      redis = await start(redis.port);
    },
    clear: async () => void (await client.flushall('SYNC')),
    async stop() {
      client.disconnect();
      // Nothing of it is wanted any more.
      await redis.kill();
    },
  };
}
