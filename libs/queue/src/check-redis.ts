import type { Redis } from 'ioredis';
import { describeRedisFailure } from './redis-failure';

/** Whether Redis answers: true, or why not. It may still refuse writes; what waits in it can be read then. Never throws. */
export async function checkReachable(redis: Redis): Promise<true | string> {
  try {
    await redis.ping();
    return true;
  } catch (error) {
    return `Redis: ${describeRedisFailure(error)}`;
  }
}

/** How long the mark of a write check lives, in milliseconds. */
const MARK_MS = 60_000;

/** Whether Redis takes writes now: true, or why not (away, read-only, out of memory). Never throws. */
export async function checkWritable(redis: Redis, prefix: string): Promise<true | string> {
  try {
    await redis.set(`${prefix}:writable`, '1', 'PX', MARK_MS);
    return true;
  } catch (error) {
    return `Redis: ${describeRedisFailure(error)}`;
  }
}

/**
 * The eviction policy that would throw acknowledged pushes away, or undefined when all is well or the server does not
 * say. Acknowledged means durable only with `noeviction`.
 */
export async function findEvictionPolicy(redis: Redis): Promise<string | undefined> {
  const policy = /^maxmemory_policy:(\S+)/m.exec(await redis.info('memory'))?.[1];
  return policy === undefined || policy === 'noeviction' ? undefined : policy;
}
