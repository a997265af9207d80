import { z } from 'zod';
import type { RedisClient } from '../connect-redis';
import { appKeyBase, OPEN, PARTITIONS, queueKey } from '../keyspace';

/** Where the queues of apps are. */
export interface QueuesPlace {
  readonly redis: RedisClient;
  readonly prefix: string;
}

/** A queue of an app. */
export interface KnownQueue {
  readonly key: string;
  /** 0: the first, which every app has. */
  readonly partition: number;
  /** Whether pushes of the app may come to it: it was in a configuration lately. */
  readonly isInUse: boolean;
}

/** A process that still has the former configuration says so every minute. Milliseconds. */
const IN_USE_MS = 600_000;

const notedSchema = z.record(z.string().regex(/^\d{1,2}$/), z.coerce.number());

/**
 * All queues that an app has or ever had, in order. Entries stay for ever: what a partition has left on Redis is found by them, and
 * they cost nothing. They stand beside the app's first queue, so that in a Cluster an app depends on no slots but its own.
 * Rejects when Redis does.
 *
 * @param now - milliseconds since the epoch
 */
export async function readKnownQueues({ redis, prefix }: QueuesPlace, appKey: string, now: number): Promise<KnownQueue[]> {
  const noted = notedSchema.safeParse(await redis.hgetall(`${appKeyBase(prefix, appKey)}${PARTITIONS}`));
  const others = Object.entries(noted.success ? noted.data : {}).map(([field, notedAt]): KnownQueue => {
    const partition = Number(field);
    return { key: queueKey(appKey, partition), partition, isInUse: now - notedAt < IN_USE_MS };
  });
  return [{ key: appKey, partition: 0, isInUse: true }, ...others.sort((a, b) => a.partition - b.partition)];
}

/** The keys of all queues that an app has or ever had. Rejects when Redis does. */
export async function readQueueKeys(place: QueuesPlace, appKey: string): Promise<string[]> {
  return (await readKnownQueues(place, appKey, 0)).map(({ key }) => key);
}

/**
 * Remembers that an app has so many partitions now. Must be done before anything is put into one: by this the others find
 * it. Rejects when Redis does.
 */
export async function notePartitions({ redis, prefix }: QueuesPlace, appKey: string, partitions: number, now: number): Promise<void> {
  if (partitions <= 1) return;
  const fields = Array.from({ length: partitions - 1 }, (_, index): [string, string] => [String(index + 1), String(Math.floor(now))]);
  await redis.hset(`${appKeyBase(prefix, appKey)}${PARTITIONS}`, Object.fromEntries(fields));
}

/** What a queue has that somebody must look after. */
const CONTENTS = ['wait', 'paused', 'prioritized', 'delayed', 'active', 'failed', OPEN] as const;

/** Whether there is anything in a queue: pushes that have not ended, or failed ones, which may be sent again. Rejects when Redis does. */
export async function hasPushes({ redis, prefix }: QueuesPlace, key: string): Promise<boolean> {
  const base = appKeyBase(prefix, key);
  return (await redis.exists(CONTENTS.map((each) => `${base}${each}`))) > 0;
}
