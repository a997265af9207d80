import { z } from 'zod';
import type { RedisCommands } from './redis-commands';
import { oneQueue } from './storm-control';
import { REJECTED } from './storm-lua';
import { BELIEVE, FORGET } from './storm-scripts';

/** A pushkey known to be dead. Times in milliseconds since the epoch. */
export const rejectionSchema = z.object({
  diedAt: z.coerce.number(),
  reason: z.string(),
  firstTold: z.coerce.number().exactOptional(),
  lastTold: z.coerce.number().exactOptional(),
  told: z.coerce.number().int().exactOptional(),
});

export type Rejection = z.infer<typeof rejectionSchema>;

export interface RejectionMemory {
  /**
   * Believes a verdict without asking the storm breaker. Resolves after Redis has confirmed it. A later verdict of the
   * provider replaces an earlier one.
   *
   * @param queue - the queue of the device: where its next push is asked for
   */
  remember(queue: string, deviceHash: string, rejection: Pick<Rejection, 'diedAt' | 'reason'>): Promise<void>;
  /** The latest verdict in any queue of the app. */
  recall(appKey: string, deviceHash: string): Promise<Rejection | undefined>;
  /** In all queues of the app. Forgets a rejection, or a verdict that a storm holds. Resolves with whether there was something to forget. */
  forget(appKey: string, deviceHash: string): Promise<boolean>;
}

export interface RejectionMemoryOptions {
  readonly redis: RedisCommands;
  /** The key base of a queue: rejections live beside it, so that one script can read both. */
  readonly baseOf: (queue: string) => string;
  /** All queues of an app. Default: one, called like the app. */
  readonly queuesOf?: (appKey: string) => Promise<readonly string[]>;
  /** How long a rejection is told, in milliseconds. */
  readonly ttlMs: number;
}

export function createRejectionMemory({ redis, baseOf, queuesOf = oneQueue, ttlMs }: RejectionMemoryOptions): RejectionMemory {
  // The scripts share their beginning with the storm breaker's, which know the time and a window.
  const head = [0, JSON.stringify({ ttlMs, windowMs: 1 })];
  return {
    async remember(queue, deviceHash, { diedAt, reason }) {
      await BELIEVE.run(redis, baseOf(queue), [...head, deviceHash, diedAt, reason]);
    },
    async recall(appKey, deviceHash) {
      const queues = await queuesOf(appKey);
      const found = await Promise.all(queues.map((queue) => redis.hgetall(`${baseOf(queue)}${REJECTED}${deviceHash}`)));
      const known = found.map((fields) => rejectionSchema.safeParse(fields)).flatMap(({ data }) => data ?? []);
      return known.reduce<Rejection | undefined>((latest, one) => (latest && latest.diedAt >= one.diedAt ? latest : one), undefined);
    },
    async forget(appKey, deviceHash) {
      const queues = await queuesOf(appKey);
      const forgotten = await Promise.all(queues.map((queue) => FORGET.run(redis, baseOf(queue), [...head, deviceHash])));
      return forgotten.includes(true);
    },
  };
}

/**
 * The look-up for whoever decides whether to send again, and tells nobody: a Lua function body over `base`, `device` and
 * `pushkeyTs` (milliseconds, 0 when unknown) that returns true for a dead pushkey. Changes nothing.
 */
export const rejectionLook = {
  lua: `
  local diedAt = redis.call('HGET', base .. '${REJECTED}' .. device, 'diedAt')
  return diedAt and pushkeyTs <= tonumber(diedAt) or false`,
} as const;

/**
 * The look-up as part of the admission, for the price of one HGET in a script that runs anyway: a Lua function body over
 * `base`, `device`, `pushkeyTs` (ms, 0 when unknown) and `now` that returns true for a dead pushkey and notes that it was
 * told. A pushkey that was set after its death lives again (the app registered it anew), for every homeserver that has it:
 * then the rejection is forgotten, and only the provider can judge it again.
 */
export const rejectionGuard = {
  lua: `
  local key = base .. '${REJECTED}' .. device
  local diedAt = redis.call('HGET', key, 'diedAt')
  if not diedAt then return false end
  if pushkeyTs > tonumber(diedAt) then
    redis.call('DEL', key)
    return false
  end
  local time = string.format('%.0f', now)
  redis.call('HSETNX', key, 'firstTold', time)
  redis.call('HSET', key, 'lastTold', time)
  redis.call('HINCRBY', key, 'told', 1)
  return true`,
} as const;
