import { z } from 'zod';
import type { RedisClient } from './connect-redis';

/** Seconds since the epoch, and the microseconds of the current one. */
const timeSchema = z.tuple([z.coerce.number(), z.coerce.number()]);

/** Whole milliseconds since the epoch by Redis' clock, which all processes share (see ADR 17). Rejects when Redis does. */
export async function readServerTime(redis: RedisClient): Promise<number> {
  return Math.floor(await readPreciseServerTime(redis));
}

/** The same with its fraction, for whoever measures how far another clock is off. */
export async function readPreciseServerTime(redis: RedisClient): Promise<number> {
  const [seconds, microseconds] = timeSchema.parse(await redis.time());
  return seconds * 1000 + microseconds / 1000;
}
