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

/** Of so many minutes answers and times are kept, not only what a chart shows: the overview looks at the last hour again and again. */
const DETAILED_MINUTES = 62;
/** Longer than a recorder keeps what Redis does not take (10 minutes); then a minute does not change any more. */
const SETTLED_AFTER_MINUTES = 12;
/** So many are read and parsed before others have their turn in this process. */
const MINUTES_AT_ONCE = 60;
const DELIVERY_MINUTES = 15;
const ANSWER_MINUTES = 60;

interface Minute {
  readonly shown: StatMinute;
  readonly detail: Detail;
}

interface Detail {
  readonly times: TimeCounts;
  /** By `STATUS:REASON`. */
  readonly answers: ReadonlyMap<string, number>;
}

/** What is known of an app's minutes that do not change any more. */
interface Known {
  /** Of all minutes that are kept at all. */
  readonly shown: Map<number, StatMinute>;
  readonly details: Map<number, Detail>;
}

/** Reads what the recorders of all processes wrote. Minutes that are over are read from Redis once. */
export function createStatsReader({ redis, prefix, now }: StatsReaderOptions): StatsReader {
  const apps = new Map<string, Known>();

  const knownOf = (appKey: string): Known => {
    let known = apps.get(appKey);
    if (!known) apps.set(appKey, (known = { shown: new Map(), details: new Map() }));
    const newest = minuteOf(now());
    forgetUntil(known.shown, newest - KEPT_MINUTES);
    forgetUntil(known.details, newest - DETAILED_MINUTES);
    return known;
  };
  const readMinutes = async (appKey: string, minutes: readonly number[]): Promise<Map<number, Minute>> => {
    const known = knownOf(appKey);
    const found = new Map<number, Minute>();
    for (let done = 0; done < minutes.length; done += MINUTES_AT_ONCE) {
      const some = minutes.slice(done, done + MINUTES_AT_ONCE);
      const settled = minuteOf(now()) - SETTLED_AFTER_MINUTES;
      for (const [minute, read] of await readHashes(some.map((each) => [each, statsKey(prefix, appKey, each)]))) {
        found.set(minute, read);
        if (minute > settled) continue;
        known.shown.set(minute, read.shown);
        if (minute > settled + SETTLED_AFTER_MINUTES - DETAILED_MINUTES) known.details.set(minute, read.detail);
      }
    }
    return found;
  };
  const readHashes = async (keys: readonly (readonly [number, string])[]): Promise<[number, Minute][]> => {
    const pipeline = redis.pipeline();
    for (const [, key] of keys) pipeline.hgetall(key);
    const replies = (await pipeline.exec()) ?? [];
    return keys.map(([minute], index) => {
      const [failure, hash] = replies[index] ?? [new Error('Redis gave no answer')];
      if (failure) throw failure;
      return [minute, toMinute(minute, hash)];
    });
  };
  /** As a chart shows them. */
  const chart = async (appKey: string, first: number, last: number): Promise<StatMinute[]> => {
    const { shown } = knownOf(appKey);
    const wanted = minutesBetween(first, last);
    const kept = wanted.map((minute) => shown.get(minute));
    const read = await readMinutes(appKey, wanted.filter((_, index) => kept[index] === undefined));
    return wanted.map((minute, index) => kept[index] ?? read.get(minute)?.shown ?? nothingIn(minute));
  };
  /** With all that is known of them. */
  const detailed = async (appKey: string, first: number, last: number): Promise<Minute[]> => {
    const { shown, details } = knownOf(appKey);
    const keptOf = (minute: number): Minute | undefined => {
      const [one, detail] = [shown.get(minute), details.get(minute)];
      return one && detail && { shown: one, detail };
    };
    const wanted = minutesBetween(first, last);
    const kept = wanted.map(keptOf);
    const read = await readMinutes(appKey, wanted.filter((_, index) => kept[index] === undefined));
    return wanted.map((minute, index) => kept[index] ?? read.get(minute) ?? { shown: nothingIn(minute), detail: NO_DETAIL });
  };

  return {
    async read(appKey, { from, to }): Promise<StatRange> {
      const last = Math.min(minuteOf(to), minuteOf(now()));
      const first = Math.max(minuteOf(from), minuteOf(now()) - KEPT_MINUTES + 1);
      const minutes = await chart(appKey, first, last);
      return { minutes, totals: fromFields((field) => minutes.reduce((sum, minute) => sum + minute[field], 0)) };
    },
    async overview(appKey): Promise<StatOverview> {
      const current = minuteOf(now());
      const minutes = await detailed(appKey, current - ANSWER_MINUTES, current);
      return {
        rates: ratesOf(minutes.slice(-2), (now() % MINUTE_MS) / MINUTE_MS),
        timeToDelivery: percentilesOf(summed(minutes.slice(-DELIVERY_MINUTES).map(({ detail }) => detail.times))),
        answers: answersOf(minutes),
      };
    },
  };
}

/**
 * Of the last sixty seconds: all of the minute that has begun and what of the one before lies in them, as if that had been even.
 *
 * @param begun part of the last minute that is over
 */
function ratesOf([before, current]: readonly Minute[], begun: number): StatOverview['rates'] {
  const rate = (...fields: readonly StatField[]): number =>
    Math.round(fields.reduce((sum, field) => sum + (current?.shown[field] ?? 0) + (before?.shown[field] ?? 0) * (1 - begun), 0));
  return { accepted: rate('accepted'), delivered: rate('delivered'), rejected: rate('rejected'), failed: rate('dead', 'expired') };
}

/** Most minutes of most apps: one object for all of them. */
const NO_DETAIL: Detail = { times: new Map(), answers: new Map() };

function nothingIn(minute: number): StatMinute {
  return { at: minute * MINUTE_MS, ...fromFields(() => 0), timeToDelivery: null };
}

/** Each field once and by hand: a day of an app has tens of thousands of them. The recorders bound how many a minute has. */
function toMinute(minute: number, hash: unknown): Minute {
  if (typeof hash !== 'object' || hash === null) throw new Error('Redis gave no hash');
  const counts = new Map<string, number>();
  const times = new Map<number, number>();
  const answers = new Map<string, number>();
  for (const [field, text] of Object.entries(hash)) {
    const count = Number(text);
    // Not written by a recorder.
    if (!Number.isSafeInteger(count)) continue;
    if (field.startsWith(TIME)) times.set(Number(field.slice(TIME.length)), count);
    else if (field.startsWith(ANSWER)) answers.set(field.slice(ANSWER.length), count);
    else counts.set(field, count);
  }
  const shown = { at: minute * MINUTE_MS, ...fromFields((field) => counts.get(field) ?? 0), timeToDelivery: percentilesOf(times) };
  return { shown, detail: times.size + answers.size === 0 ? NO_DETAIL : { times, answers } };
}

function minutesBetween(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

function forgetUntil(minutes: Map<number, unknown>, last: number): void {
  for (const minute of minutes.keys()) if (minute <= last) minutes.delete(minute);
}

function fromFields(of: (field: StatField) => number): StatCounts {
  // Object.fromEntries forgets which keys there are.
  return Object.fromEntries(STAT_FIELDS.map((field) => [field, of(field)])) as Record<StatField, number>;
}

function answersOf(minutes: readonly Minute[]): AnswerCount[] {
  const answers = [...summed(minutes.map(({ detail }) => detail.answers))].map(([key, count]): AnswerCount => {
    const colon = key.indexOf(':');
    return { status: key.slice(0, colon), reason: key.slice(colon + 1), count };
  });
  return answers.sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

function summed<Key>(maps: readonly ReadonlyMap<Key, number>[]): Map<Key, number> {
  const sums = new Map<Key, number>();
  for (const map of maps) {
    for (const [key, count] of map) sums.set(key, (sums.get(key) ?? 0) + count);
  }
  return sums;
}
