import type { Logger } from '@reveille/observability';
import type { Redis } from 'ioredis';
import { describeRedisFailure } from './redis-failure';

/** Says when Redis goes and comes: ioredis repeats its error every second, one line when the reason changes is enough. */
export function logConnection(redis: Redis, logger: Logger): void {
  let last: string | undefined;
  redis.on('error', (error) => {
    const reason = describeRedisFailure(error);
    if (reason === last) return;
    last = reason;
    logger.warn({ reason }, 'Redis is not reachable');
  });
  redis.on('ready', () => {
    last = undefined;
    logger.info('Redis is reachable');
  });
}
