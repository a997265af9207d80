import type { Settings } from '@reveille/config';
import { within } from '@reveille/observability';
import { appKeyBase, type RedisClient } from '@reveille/queue';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts one use; resolves with undefined when it is allowed, else with the milliseconds until the next one is. Never rejects. */
export type RateCheck<Args extends readonly string[]> = (...args: Args) => Promise<number | undefined>;

export interface PushkeyRate {
  readonly take: RateCheck<[queue: string, deviceHash: string]>;
  /** What was taken for a push that was not queued then: a repeat must not be refused for what came of the first try. Never throws. */
  readonly giveBack: (queue: string, deviceHash: string) => void;
}

export interface RateLimits {
  /** By source; absent: no limit. */
  readonly source?: RateCheck<[source: string]>;
  /** By queue key and device hash; absent: no limit. */
  readonly pushkey?: PushkeyRate;
}

export interface RateLimitsOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly limits: Settings<unknown>['limits'];
}

/** Redis answers in a millisecond; a request does not wait longer than this for its limits. Milliseconds. */
const TIMEOUT_MS = 250;

/**
 * Fixed windows, counted on Redis for all processes together. A window ends when it would have ended anyway, however often a
 * sender tries in it: a limit that grew with each try would shut out a homeserver whose repeats overlap. A Redis that is
 * away or slow refuses nobody here; the admission says that it is.
 */
export function createRateLimits({ redis, prefix, limits }: RateLimitsOptions): RateLimits {
  const { per_source: perSource, per_pushkey: perPushkey } = limits;
  // A source over its limit is known to this process until its window ends: refusing it costs Redis nothing more.
  const source = perSource && createCheck(createLimiter(redis, `${prefix}:rate:source`, perSource, perSource.requests));
  // All that one queue has on Redis begins alike. Not kept in memory: there are millions of devices.
  const pushkey = perPushkey && createPushkeyRate(createLimiter(redis, '', perPushkey, 0), prefix);
  return {
    ...(source && { source }),
    ...(pushkey && { pushkey }),
  };
}

interface Rate {
  readonly requests: number;
  /** Milliseconds. */
  readonly per: number;
}

function createLimiter(redis: RedisClient, keyPrefix: string, rate: Rate, inMemoryBlockOnConsumed: number): RateLimiterRedis {
  return new RateLimiterRedis({
    storeClient: redis,
    keyPrefix,
    points: rate.requests,
    duration: Math.round(rate.per / 1000),
    inMemoryBlockOnConsumed,
  });
}

function createPushkeyRate(limiter: RateLimiterRedis, prefix: string): PushkeyRate {
  const keyOf = (queue: string, deviceHash: string): string => `${appKeyBase(prefix, queue)}rate:${deviceHash}`;
  const check = createCheck(limiter);
  return {
    take: (queue, deviceHash) => check(keyOf(queue, deviceHash)),
    giveBack: (queue, deviceHash) => {
      // Redis away: the window ends by itself.
      limiter.reward(keyOf(queue, deviceHash)).catch(() => undefined);
    },
  };
}

function createCheck(limiter: RateLimiterRedis): RateCheck<[key: string]> {
  return (key) => {
    const consumed = limiter.consume(key).then(
      () => undefined,
      (refused: unknown) => (refused instanceof RateLimiterRes ? Math.max(1, refused.msBeforeNext) : undefined),
    );
    return within(consumed, TIMEOUT_MS, undefined);
  };
}
