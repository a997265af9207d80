import { createHash } from 'node:crypto';
import type { z } from 'zod';
import type { RedisCommands } from './redis-commands';

/** A Lua script on the keys of one app, whose reply is JSON of a known form. */
export interface Script<Reply> {
  /** Rejects as Redis does; with a ZodError when the reply is of another form. */
  run(redis: RedisCommands, base: string, args: readonly (string | number)[]): Promise<Reply>;
}

/** Sent by its hash, and whole only when the server does not know it (a new or restarted one). */
export function createScript<Reply>(lua: string, reply: z.ZodType<Reply>): Script<Reply> {
  const sha = createHash('sha1').update(lua).digest('hex');
  const send = async (redis: RedisCommands, base: string, args: readonly (string | number)[]): Promise<unknown> => {
    try {
      return await redis.evalsha(sha, 1, base, ...args);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return await redis.eval(lua, 1, base, ...args);
    }
  };
  return {
    run: async (redis, base, args) => reply.parse(JSON.parse(String(await send(redis, base, args)))),
  };
}
