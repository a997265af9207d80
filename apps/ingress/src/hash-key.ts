import type { Logger } from '@reveille/observability';
import type { RedisClient } from '@reveille/queue';
import { loadHashKey } from '@reveille/rejections';
import { createKeyedHash, type KeyedHash } from '@reveille/relay';

export interface HashKeyOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly logger: Logger;
  /** `privacy.hash_key`; absent: the key is kept on Redis. */
  readonly configured: string | undefined;
}

/**
 * The keyed hash by which devices are named: at hand at once when its key is configured, else from the first connection
 * to Redis on. Each later connection makes sure that the key is (still) there.
 */
export function keepHashKey({ redis, prefix, logger, configured }: HashKeyOptions): { current: () => KeyedHash | undefined } {
  if (configured !== undefined) {
    const fixed = createKeyedHash(Buffer.from(configured, 'utf8'));
    return { current: () => fixed };
  }
  let key: Buffer | undefined;
  let hash: KeyedHash | undefined;
  const load = async (): Promise<void> => {
    const loaded = await loadHashKey(redis, prefix, key);
    if (key?.equals(loaded) === true) return;
    key = loaded;
    hash = createKeyedHash(loaded);
  };
  const tryLoad = (): void => {
    load().catch((error: unknown) => {
      logger.warn({ error }, 'the hash key could not be loaded');
      // A Redis that is loading or read-only gets better without a new connection.
      if (!hash) setTimeout(tryLoad, RETRY_MS).unref();
    });
  };
  redis.on('ready', tryLoad);
  // A Redis that was emptied without a new connection would give the next process another key than ours.
  setInterval(() => redis.status === 'ready' && tryLoad(), RECHECK_MS).unref();
  if (redis.status === 'ready') tryLoad();
  return { current: () => hash };
}

/** Milliseconds. */
const RETRY_MS = 1000;
const RECHECK_MS = 30_000;
