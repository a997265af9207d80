import { createHash } from 'node:crypto';
import type { RedisClient } from './connect-redis';

/** A Lua script, sent by its hash, and whole only when the server does not know it (a new or restarted one). */
export interface Script {
  readonly lua: string;
  readonly sha: string;
  run(redis: RedisClient, key: string, args: readonly (string | number | Buffer)[]): Promise<unknown>;
}

export function createScript(lua: string): Script {
  const sha = createHash('sha1').update(lua).digest('hex');
  return {
    lua,
    sha,
    async run(redis, key, args) {
      try {
        return await redis.evalsha(sha, 1, key, ...args);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return await redis.eval(lua, 1, key, ...args);
      }
    },
  };
}
