import { join } from 'node:path';

import { findRedisServer, startRedis } from '@reveille/embedded-redis';
import type { Persistence, RedisServer, RunningRedis } from '@reveille/embedded-redis';

export interface TestRedisOptions {
  /** The port of a server that was stopped before, to come back in the same place; a free one when absent. */
  readonly port?: number;
  /** Default `none`: nothing on disk. */
  readonly persistence?: Persistence;
  readonly directory?: string;
  readonly password?: string;
  /** More lines of redis.conf, for example `{ maxmemory: '4mb' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How a free port is found, where not every one will do. */
  readonly findPort?: () => Promise<number>;
}

const CACHE_DIRECTORY = join(__dirname, '../../../.cache/redis');

/** Looked for once a test file: starting the candidates to ask their version takes longer than the server's own start. */
let found: ReturnType<typeof findRedisServer> | undefined;

/**
 * A real Redis of the test's own, empty, ready within about 30 ms. Start one per test file in `beforeAll`, `stop()` it in
 * `afterAll`; should the test die before that, the server ends with it.
 */
export async function startTestRedis(options: TestRedisOptions = {}): Promise<RunningRedis> {
  const server = await findTestServer();
  return startRedis({ persistence: 'none', ...options, server });
}

/** The binary that the tests run: server, node of a Cluster and Sentinel alike. */
export async function findTestServer(): Promise<RedisServer> {
  found ??= findRedisServer({ cacheDirectory: CACHE_DIRECTORY, allowDownload: true });
  const server = await found;
  if (!server.ok) throw new Error(server.message);
  return server;
}
