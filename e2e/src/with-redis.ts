import { connectWorker, type RedisClient } from '@reveille/queue';

/** Looks at Redis behind the relay's back, over a connection of its own. */
export async function withRedis<T>(url: string, look: (redis: RedisClient) => Promise<T>): Promise<T> {
  const redis = connectWorker({ url });
  try {
    return await look(redis);
  } finally {
    redis.disconnect();
  }
}
