import type { Logger } from '@reveille/observability';
import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './connect-redis';
import { describeRedisFailure } from './redis-failure';

/** Says when Redis goes and comes: ioredis repeats its error every second, one line when the reason changes is enough. */
export function logConnection(redis: RedisClient, logger: Logger): void {
  let last: string | undefined;
  redis.on('error', (error: unknown) => {
    const reason = describeRedisFailure(error);
    if (reason === last) return;
    last = reason;
    logger.warn({ reason }, 'Redis is not reachable');
  });
  redis.on('ready', () => {
    last = undefined;
    logger.info('Redis is reachable');
  });
  if (redis instanceof Cluster) logNodes(redis, logger);
}

/** Of a Cluster single nodes go and come, and with them the apps of their slots. */
function logNodes(cluster: Cluster, logger: Logger): void {
  const away = new Map<string, string>();
  cluster.on('node error', (error: unknown, node: string) => {
    const reason = describeRedisFailure(error);
    if (away.get(node) === reason) return;
    away.set(node, reason);
    logger.warn({ node, reason }, 'a Redis node is not reachable');
  });
  cluster.on('+node', (redis: Redis) => {
    redis.once('ready', () => {
      const node = `${redis.options.host}:${redis.options.port}`;
      if (away.delete(node)) logger.info({ node }, 'the Redis node is reachable');
    });
  });
}
