import { z } from 'zod';
import type { RedisClient } from '../connect-redis';
import { ANSWER, KEPT_MINUTES, MINUTE_MS, minuteOf, statsKey, TIME } from './stats-keys';
import {
  STAT_FIELDS,
  type AnswerCount,
  type StatCounts,
  type StatField,
  type StatMinute,
  type StatOverview,
  type StatRange,
  type StatsReader,
} from './stats-types';
import { percentilesOf, type TimeCounts } from './time-buckets';

export interface StatsReaderOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A page looks at the last hour again and again. */
const CACHED_MINUTES = 62;
/** A process writes what it counted at most this late (2 s, and a Redis that was away); then a minute does not change any more. */
const SETTLED_AFTER_MINUTES = 3;
const DELIVERY_MINUTES = 15;
const ANSWER_MINUTES = 60;

interface Minute {
  readonly counts: StatCounts;
  readonly times: TimeCounts;
  /** By `STATUS:REASON`. */
  readonly answers: ReadonlyMap<string, number>;
}

const hashSchema = z.record(z.string(), z.coerce.number().int());

/** Reads what the recorders of all processes wrote. Minutes that are over are read from Redis once. */
export function createStatsReader({ redis, prefix, now }: StatsReaderOptions): StatsReader {
  const cache = new Map<string, Map<number, Minute>>();

  const readMinutes = async (appKey: string, first: number, last: number): Promise<Minute[]> => {
    const known = cache.get(appKey) ?? new Map<number, Minute>();
    cache.set(appKey, known);
    const wanted = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
    const read = await readHashes(wanted.filter((minute) => !known.has(minute)).map((minute) => [minute, statsKey(prefix, appKey, minute)]));
    const newest = minuteOf(now());
    for (const [minute, found] of read) {
      if (minute <= newest - SETTLED_AFTER_MINUTES && minute > newest - CACHED_MINUTES) known.set(minute, found);
    }
    for (const minute of known.keys()) if (minute <= newest - CACHED_MINUTES) known.delete(minute);
    return wanted.map((minute) => read.get(minute) ?? known.get(minute) ?? NOTHING);
  };
  const readHashes = async (keys: readonly (readonly [number, string])[]): Promise<Map<number, Minute>> => {
    if (keys.length === 0) return new Map();
    const pipeline = redis.pipeline();
    for (const [, key] of keys) pipeline.hgetall(key);
    const replies = (await pipeline.exec()) ?? [];
    return new Map(
      keys.map(([minute], index) => {
        const [failure, hash] = replies[index] ?? [new Error('Redis gave no answer')];
        if (failure) throw failure;
        return [minute, toMinute(hash)];
      }),
    );
  };

  return {
    async read(appKey, { from, to }): Promise<StatRange> {
      const last = Math.min(minuteOf(to), minuteOf(now()));
      const first = Math.max(minuteOf(from), minuteOf(now()) - KEPT_MINUTES + 1);
      const minutes = await readMinutes(appKey, first, last);
      return {
        minutes: minutes.map((minute, index): StatMinute => ({
          at: (first + index) * MINUTE_MS,
          ...minute.counts,
          timeToDelivery: percentilesOf(minute.times),
        })),
        totals: totalsOf(minutes),
        ...summaryOf(minutes),
      };
    },
    async overview(appKey): Promise<StatOverview> {
      const current = minuteOf(now());
      const minutes = await readMinutes(appKey, current - ANSWER_MINUTES, current);
      return {
        rates: ratesOf(minutes.slice(-2), (now() % MINUTE_MS) / MINUTE_MS),
        timeToDelivery: summaryOf(minutes.slice(-DELIVERY_MINUTES)).timeToDelivery,
        answers: summaryOf(minutes).answers,
      };
    },
  };
}

/**
 * Of the last sixty seconds: all of the minute that has begun and what of the one before lies in them, as if that had been even.
 *
 * @param begun part of the last minute that is over
 */
function ratesOf([before = NOTHING, current = NOTHING]: readonly Minute[], begun: number): StatOverview['rates'] {
  const rate = (...fields: readonly StatField[]): number =>
    Math.round(fields.reduce((sum, field) => sum + current.counts[field] + before.counts[field] * (1 - begun), 0));
  return { accepted: rate('accepted'), delivered: rate('delivered'), rejected: rate('rejected'), failed: rate('dead', 'expired') };
}

const NOTHING: Minute = { counts: countsOf({}), times: new Map(), answers: new Map() };

function toMinute(hash: unknown): Minute {
  const fields = hashSchema.parse(hash);
  const startingWith = (start: string): [string, number][] =>
    Object.entries(fields).flatMap(([field, count]) => (field.startsWith(start) ? [[field.slice(start.length), count]] : []));
  return {
    counts: countsOf(fields),
    times: new Map(startingWith(TIME).map(([bucket, count]) => [Number(bucket), count])),
    answers: new Map(startingWith(ANSWER)),
  };
}

function countsOf(fields: Readonly<Record<string, number>>): StatCounts {
  return fromFields((field) => fields[field] ?? 0);
}

function totalsOf(minutes: readonly Minute[]): StatCounts {
  return fromFields((field) => minutes.reduce((sum, { counts }) => sum + counts[field], 0));
}

function fromFields(of: (field: StatField) => number): StatCounts {
  // Object.fromEntries forgets which keys there are.
  return Object.fromEntries(STAT_FIELDS.map((field) => [field, of(field)])) as Record<StatField, number>;
}

function summaryOf(minutes: readonly Minute[]): Pick<StatRange, 'timeToDelivery' | 'answers'> {
  const answers = [...summed(minutes.map((minute) => minute.answers))].map(([key, count]): AnswerCount => {
    const colon = key.indexOf(':');
    return { status: key.slice(0, colon), reason: key.slice(colon + 1), count };
  });
  return {
    timeToDelivery: percentilesOf(summed(minutes.map(({ times }) => times))),
    answers: answers.sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1)),
  };
}

function summed<Key>(maps: readonly ReadonlyMap<Key, number>[]): Map<Key, number> {
  const sums = new Map<Key, number>();
  for (const map of maps) {
    for (const [key, count] of map) sums.set(key, (sums.get(key) ?? 0) + count);
  }
  return sums;
}
