import { z } from 'zod';
import type { RedisClient } from './connect-redis';

/** An app that some ingress process has, or had, in its configuration. */
export interface ServedApp {
  /** Its name there: an app id or a glob. */
  readonly appKey: string;
  /** When it was seen there first and last, in milliseconds since the epoch. */
  readonly servedSince: number;
  readonly servedAt: number;
}

export interface ServedAppsOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
}

/**
 * Remembers that these apps are served now. Entries stay for ever: there are as many as the operator ever configured, and
 * what a removed app has left on Redis is found by them. Rejects when Redis does not take it.
 *
 * @param now - milliseconds since the epoch
 */
export async function noteServedApps(options: ServedAppsOptions, appKeys: readonly string[], now: number): Promise<void> {
  if (appKeys.length === 0) return;
  const { redis, prefix } = options;
  await Promise.all(appKeys.map((appKey) => redis.hsetnx(servedSinceKey(prefix), appKey, String(now))));
  await redis.hset(servedAppsKey(prefix), new Map(appKeys.map((appKey) => [appKey, String(now)])));
}

/** All apps that were ever served, the present ones included. Rejects when Redis does not answer. */
export async function readServedApps({ redis, prefix }: ServedAppsOptions): Promise<ServedApp[]> {
  const [last, first] = await Promise.all([redis.hgetall(servedAppsKey(prefix)), redis.hgetall(servedSinceKey(prefix))]);
  return Object.entries(last).flatMap(([appKey, time]) => {
    const servedAt = timeSchema.safeParse(time);
    const servedSince = timeSchema.safeParse(first[appKey]);
    if (!servedAt.success) return [];
    return [{ appKey, servedAt: servedAt.data, servedSince: servedSince.success ? servedSince.data : servedAt.data }];
  });
}

/** One list for all apps, so not under the key base of any. */
function servedAppsKey(prefix: string): string {
  return `${prefix}:served-apps`;
}

function servedSinceKey(prefix: string): string {
  return `${prefix}:served-since`;
}

const timeSchema = z.string().regex(/^\d+$/).transform(Number);
