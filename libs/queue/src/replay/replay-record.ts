import { z } from 'zod';
import type { RedisClient } from '../connect-redis';
import { failedFilterSchema } from '../failed/failed-filter';
import { parseJson } from '../parse-json';
import { REPLAY_TTL_MS } from './replay-lua';
import { CHANGE_STATE } from './replay-scripts';
import { isReplayOver, REPLAY_STATES, type ReplayState, type StartedReplay } from './replay-types';

const recordSchema = z.object({
  state: z.enum(REPLAY_STATES),
  by: z.string(),
  createdAt: z.coerce.number(),
  filter: z.string().transform(parseJson).pipe(failedFilterSchema),
  includeExpired: z.enum(['0', '1']).transform((text) => text === '1'),
  rate: z.coerce.number().positive(),
  apps: z.string().transform(parseJson).pipe(z.array(z.string())),
});

/** What is remembered of a replay as a whole; what became of it stands with each app (see replay-part.ts). */
export interface ReplayRecord extends StartedReplay {
  /** Keys of the queues (see keyspace.ts) in which it has something to do. */
  readonly apps: readonly string[];
}

/** Replays that a list shows. */
const LISTED = 50;

/** The records of all replays. Every key stands for itself: in a Cluster each may be elsewhere. */
export interface ReplayRecords {
  add(record: ReplayRecord): Promise<void>;
  read(id: string): Promise<ReplayRecord | undefined>;
  /** Ids, newest first; those that go on are among them. */
  newest(): Promise<readonly string[]>;
  /** Ids of those that are not over. */
  open(): Promise<readonly string[]>;
  /** True: this call did it. */
  change(id: string, from: readonly ReplayState[], to: ReplayState): Promise<boolean>;
  /** Not open any more, if it was forgotten. One that another version wrote is left to that. */
  forget(id: string): Promise<void>;
  /** It is remembered as long as it goes on, and then as any other. */
  renew(id: string): Promise<void>;
  readonly leaseKey: (id: string) => string;
}

export function createReplayRecords(redis: RedisClient, prefix: string): ReplayRecords {
  const all = `${prefix}:replays`;
  const open = `${all}:open`;
  const keyOf = (id: string): string => `${all}:${id}`;
  return {
    leaseKey: (id) => `${all}:lease:${id}`,
    async add({ id, state, by, createdAt, filter, includeExpired, rate, apps }) {
      const fields = { state, by, createdAt, filter: JSON.stringify(filter), includeExpired: includeExpired ? 1 : 0, rate, apps: JSON.stringify(apps) };
      await redis.hset(keyOf(id), fields);
      await redis.pexpire(keyOf(id), REPLAY_TTL_MS);
      await redis.zremrangebyscore(all, 0, createdAt - REPLAY_TTL_MS);
      await redis.zadd(all, createdAt, id);
      // Last: now it begins.
      await redis.sadd(open, id);
    },
    async read(id) {
      const parsed = recordSchema.safeParse(await redis.hgetall(keyOf(id)));
      return parsed.success ? { id, ...parsed.data } : undefined;
    },
    async newest() {
      const [newest, going] = await Promise.all([redis.zrevrange(all, 0, LISTED - 1), redis.smembers(open)]);
      return [...new Set([...newest, ...going])];
    },
    open: () => redis.smembers(open),
    async change(id, from, to) {
      const changed = await CHANGE_STATE.run(redis, keyOf(id), [`,${from.join(',')},`, to]);
      if (changed === 1 && isReplayOver({ state: to })) await redis.srem(open, id);
      return changed === 1;
    },
    async forget(id) {
      if ((await redis.exists(keyOf(id))) === 0) await redis.srem(open, id);
    },
    async renew(id) {
      await redis.pexpire(keyOf(id), REPLAY_TTL_MS);
    },
  };
}
