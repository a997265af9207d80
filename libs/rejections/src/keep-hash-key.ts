import { loadHashKey } from './hash-key';
import type { RedisCommands } from './redis-commands';

/** A connection as far as it says when it is there. */
export interface WatchedRedis extends RedisCommands {
  readonly status: string;
  on(event: 'ready', listener: () => void): unknown;
}

export interface KeepHashKeyOptions<Hash> {
  readonly redis: WatchedRedis;
  readonly prefix: string;
  /** `privacy.hash_key`; absent: the key is kept on Redis. */
  readonly configured: string | undefined;
  readonly createHash: (key: Buffer) => Hash;
  readonly onFailure: (error: unknown) => void;
}

/** Milliseconds. */
const RETRY_MS = 1000;
const RECHECK_MS = 30_000;

/**
 * The keyed hash by which devices are named: at hand at once when its key is configured, else from the first connection
 * to Redis on. Each later connection makes sure that the key is (still) there.
 */
export function keepHashKey<Hash>(options: KeepHashKeyOptions<Hash>): { current: () => Hash | undefined } {
  const { redis, prefix, configured, createHash, onFailure } = options;
  if (configured !== undefined) {
    const fixed = createHash(Buffer.from(configured, 'utf8'));
    return { current: () => fixed };
  }
  let key: Buffer | undefined;
  let hash: Hash | undefined;
  const load = async (): Promise<void> => {
    const loaded = await loadHashKey(redis, prefix, key);
    if (key?.equals(loaded) === true) return;
    key = loaded;
    hash = createHash(loaded);
  };
  const tryLoad = (): void => {
    load().catch((error: unknown) => {
      onFailure(error);
      // A Redis that is loading or read-only gets better without a new connection.
      if (hash === undefined) setTimeout(tryLoad, RETRY_MS).unref();
    });
  };
  redis.on('ready', tryLoad);
  // A Redis that was emptied without a new connection would give the next process another key than ours.
  setInterval(() => redis.status === 'ready' && tryLoad(), RECHECK_MS).unref();
  if (redis.status === 'ready') tryLoad();
  return { current: () => hash };
}

/**
 * The key itself, once, for whoever has a connection and goes again: a command. Rejects when Redis does.
 *
 * @param configured `privacy.hash_key`; absent: the key is on Redis
 */
export async function readHashKey(redis: RedisCommands, prefix: string, configured: string | undefined): Promise<Buffer> {
  return configured === undefined ? loadHashKey(redis, prefix) : Buffer.from(configured, 'utf8');
}
