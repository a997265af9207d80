import { Cluster } from 'ioredis';
import type { RedisClient } from './connect-redis';
import { describeRedisFailure } from './redis-failure';

/** Whether Redis answers: true, or why not. It may still refuse writes; what waits in it can be read then. Never throws. */
export async function checkReachable(redis: RedisClient): Promise<true | string> {
  try {
    await redis.ping();
    return true;
  } catch (error) {
    return `Redis: ${describeRedisFailure(error)}`;
  }
}

/** How long the mark of a write check lives, in milliseconds. */
const MARK_MS = 60_000;
/** Marks in so many slots find each of a few masters; of many masters, enough. */
const CLUSTER_MARKS = 16;

/**
 * Whether Redis takes writes now: true, or why not (away, read-only, out of memory). Of a Cluster one master that does is
 * enough: the apps of the others get their 503 one by one. Never throws.
 */
export async function checkWritable(redis: RedisClient, prefix: string): Promise<true | string> {
  const marks =
    redis instanceof Cluster ? Array.from({ length: CLUSTER_MARKS }, (_, slot) => `${prefix}:writable:${slot}`) : [`${prefix}:writable`];
  const writes = marks.map((mark) => redis.set(mark, '1', 'PX', MARK_MS));
  try {
    await Promise.any(writes);
    return true;
  } catch (error) {
    return `Redis: ${describeRedisFailure(error instanceof AggregateError ? error.errors[0] : error)}`;
  }
}

/**
 * The eviction policy that would throw acknowledged pushes away, or undefined when all is well or no server says. Acknowledged
 * means durable only with `noeviction`.
 */
export async function findEvictionPolicy(redis: RedisClient): Promise<string | undefined> {
  const servers = redis instanceof Cluster ? redis.nodes('master') : [redis];
  const answers = await Promise.all(servers.map((server) => server.info('memory')));
  const policies = answers.map((answer) => /^maxmemory_policy:(\S+)/m.exec(answer)?.[1]);
  return policies.find((policy) => policy !== undefined && policy !== 'noeviction');
}
