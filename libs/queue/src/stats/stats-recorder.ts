import { boundedLabel, knownReasons, OTHER, statusLabel, within } from '@reveille/observability';
import type { RedisClient } from '../connect-redis';
import { createScript } from '../script';
import { ANSWER, minuteOf, statsKey, STATS_TTL_MS, TIME } from './stats-keys';
import type { StatsRecorder } from './stats-types';
import { bucketOf } from './time-buckets';

export interface StatsRecorderOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** So much is lost when a process is killed, in milliseconds. */
const FLUSH_MS = 2000;
/** For Redis to take the last of them at the end, in milliseconds. */
const LAST_FLUSH_MS = 1000;
/** While Redis takes nothing, so many minutes of an app are kept; the oldest are given up. */
const MAX_PENDING_MINUTES = 10;

/** Fields of a minute, above which answers that are new to it are counted together: a provider that answers so is out of its mind. */
const MAX_FIELDS = 400;

/** KEYS[1] the minute. ARGV: how long it is kept (ms), then fields and numbers. All or nothing, so that it can be repeated. */
const ADD = createScript(`
local isFull = redis.call('HLEN', KEYS[1]) + #ARGV / 2 > ${MAX_FIELDS}
local function place(field)
  local isNewAnswer = isFull and string.find(field, '${ANSWER}', 1, true) == 1 and redis.call('HEXISTS', KEYS[1], field) == 0
  return isNewAnswer and '${ANSWER}${OTHER}:${OTHER}' or field
end
for i = 2, #ARGV, 2 do redis.call('HINCRBY', KEYS[1], place(ARGV[i]), ARGV[i + 1]) end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return redis.status_reply('OK')
`);

const REASONS = new Set(knownReasons);

/** Counts of one minute by field. */
type Counts = Map<string, number>;

/**
 * Counts in memory and writes to Redis every two seconds, so that a push costs Redis nothing for being counted. What Redis does
 * not take is written with the next ones.
 */
export function createStatsRecorder({ redis, prefix, now }: StatsRecorderOptions): StatsRecorder {
  let apps = new Map<string, Map<number, Counts>>();
  let flushing: Promise<void> | undefined;

  const add = (appKey: string, field: string, times: number, minute = minuteOf(now())): void => {
    let minutes = apps.get(appKey);
    if (!minutes) apps.set(appKey, (minutes = new Map<number, Counts>()));
    let counts = minutes.get(minute);
    if (!counts) {
      minutes.set(minute, (counts = new Map<string, number>()));
      if (minutes.size > MAX_PENDING_MINUTES) minutes.delete(Math.min(...minutes.keys()));
    }
    counts.set(field, (counts.get(field) ?? 0) + times);
  };
  const write = async (appKey: string, minute: number, counts: Counts): Promise<void> => {
    try {
      await ADD.run(redis, statsKey(prefix, appKey, minute), [STATS_TTL_MS, ...[...counts].flat()]);
    } catch {
      // That Redis is away is told by its connection.
      for (const [field, times] of counts) add(appKey, field, times, minute);
    }
  };
  const writeAll = async (): Promise<void> => {
    const written = apps;
    apps = new Map();
    await Promise.all([...written].flatMap(([appKey, minutes]) => [...minutes].map(([minute, counts]) => write(appKey, minute, counts))));
  };
  // One at a time: a connection that waits for Redis would gather them.
  const flush = (): Promise<void> => {
    flushing ??= writeAll().finally(() => (flushing = undefined));
    return flushing;
  };
  const timer = setInterval(() => void flush(), FLUSH_MS);
  timer.unref();

  return {
    count: (appKey, field, times = 1) => add(appKey, field, times),
    delivered(appKey, sinceAcceptedMs) {
      add(appKey, 'delivered', 1);
      add(appKey, `${TIME}${bucketOf(sinceAcceptedMs)}`, 1);
    },
    answered(appKey, { status, reason }) {
      add(appKey, `${ANSWER}${statusLabel(status)}:${boundedLabel(REASONS, reason)}`, 1);
    },
    async close() {
      clearInterval(timer);
      // One may be under way, with what was counted before.
      const last = (flushing ?? Promise.resolve()).then(flush);
      await within(last, LAST_FLUSH_MS, undefined);
    },
  };
}
