import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';

import { lockDataDirectory } from './data-directory-lock';
import { freePort } from './free-port';
import { askProcessId } from './redis-conversation';
import { redisConfiguration } from './redis-configuration';
import { RunningRedis } from './running-redis';
import type { DataDirectoryLock } from './data-directory-lock';
import type { RedisServer } from './probe-server';
import type { Persistence } from './redis-configuration';

export interface StartRedisOptions {
  /** From `findRedisServer`. */
  readonly server: Pick<RedisServer, 'command' | 'environment'>;
  /** A fixed port, for a restart in the same place; 0 or absent: a free one. */
  readonly port?: number;
  readonly persistence: Persistence;
  /** Where the append-only file lives; needed unless persistence is `none`. Made if missing, owner only. */
  readonly directory?: string;
  /** A path to listen on beside the port. */
  readonly unixSocket?: string;
  readonly password?: string;
  /** More lines of redis.conf, for example `{ maxmemory: '4mb' }`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Milliseconds until the server must answer; a large append-only file takes seconds to load. */
  readonly timeoutMs?: number;
  /** How a free port is found; for tests. */
  readonly findPort?: () => Promise<number>;
  /** Milliseconds to wait for another server to leave the directory. */
  readonly directoryTimeoutMs?: number;
  /** Told the server's own log lines. */
  readonly log?: (line: string) => void;
}

const START_TIMEOUT_MS = 60_000;
/** Between finding a free port and the server's listening somebody else may take it: so often another one is tried. */
const PORT_ATTEMPTS = 8;

/**
 * Starts a Redis on loopback and returns once it answers. It ends with this process, however that ends.
 * @throws Error when it does not start: taken port, unusable directory, unreadable append-only file; with its last lines.
 */
export async function startRedis(options: StartRedisOptions): Promise<RunningRedis> {
  if (options.persistence === 'none') return startOnSomePort(options, tmpdir());
  if (options.directory === undefined) throw new Error('a Redis that persists needs a directory');
  const directory = resolve(options.directory);
  const lock = await lockDataDirectory(directory, options.directoryTimeoutMs);
  try {
    return await startOnSomePort(options, directory, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

async function startOnSomePort(options: StartRedisOptions, directory: string, lock?: DataDirectoryLock): Promise<RunningRedis> {
  const findPort = options.findPort ?? freePort;
  const attempts = options.port ? 1 : PORT_ATTEMPTS;
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port || (await findPort());
    const redis = launch(options, { port, directory, ...(lock && { lock }) });
    await lock?.ownedBy(redis.pid);
    if (await isReady(redis, options)) return redis;
    await redis.kill();
    if (attempt >= attempts || !isPortTaken(redis)) {
      throw new Error(`Redis did not start on 127.0.0.1:${port}: ${redis.lastLines()}`);
    }
  }
}

function isPortTaken(redis: RunningRedis): boolean {
  return redis.lastLines().includes('Address already in use');
}

interface Place {
  readonly port: number;
  readonly directory: string;
  readonly lock?: DataDirectoryLock;
}

function launch(options: StartRedisOptions, place: Place): RunningRedis {
  const child = spawn(options.server.command, ['-'], {
    // In a session of its own: Ctrl-C goes to the whole foreground group, but Redis has to outlive those who use it.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    // A server found on PATH is started by its bare name and needs the inherited environment for the look-up.
    ...(options.server.command.includes('/') && { env: { ...options.server.environment } }),
  });
  child.stdin.on('error', () => undefined); // it went away before it had read everything: its exit says why
  child.stdin.end(redisConfiguration({ ...options, ...place }));
  return new RunningRedis(child, {
    port: place.port,
    keepsNothing: options.persistence === 'none',
    ...(options.password !== undefined && { password: options.password }),
    ...(options.log && { log: options.log }),
    onExit: () => place.lock?.release() ?? Promise.resolve(),
  });
}

/** Ready when it says so and a PING on the port is answered by this very process. */
async function isReady(redis: RunningRedis, options: StartRedisOptions): Promise<boolean> {
  const timeoutMs = options.timeoutMs ?? START_TIMEOUT_MS;
  if (!(await redis.saidReady(timeoutMs))) return false;
  const processId = await askProcessId({
    port: redis.port,
    timeoutMs,
    ...(options.password !== undefined && { password: options.password }),
  });
  return processId === redis.pid;
}
