import { z } from 'zod';
import type { RedisClient } from '../connect-redis';

const timeSchema = z.tuple([z.coerce.number(), z.coerce.number()]);

/** Milliseconds since the epoch by Redis' clock, which all processes share (see ADR 17). Rejects when Redis does. */
export async function readServerTime(redis: RedisClient): Promise<number> {
  const [seconds, microseconds] = timeSchema.parse(await redis.time());
  return seconds * 1000 + Math.floor(microseconds / 1000);
}
