import type { Settings } from '@reveille/config';
import { within } from '@reveille/observability';
import { appKeyBase, type RedisClient } from '@reveille/queue';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts one use; resolves with undefined when it is allowed, else with the milliseconds until the next one is. Never rejects. */
export type RateCheck<Args extends readonly string[]> = (...args: Args) => Promise<number | undefined>;

export interface RateLimits {
  /** By source; absent: no limit. */
  readonly source?: RateCheck<[source: string]>;
  /** By app and device hash; absent: no limit. */
  readonly pushkey?: RateCheck<[appKey: string, deviceHash: string]>;
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
  const source = perSource && createCheck(redis, `${prefix}:rate:source`, perSource, perSource.requests);
  // All that one app has on Redis begins alike. Not kept in memory: there are millions of devices.
  const pushkey = perPushkey && createCheck(redis, '', perPushkey, 0);
  return {
    ...(source && { source }),
    ...(pushkey && { pushkey: (appKey: string, deviceHash: string) => pushkey(`${appKeyBase(prefix, appKey)}rate:${deviceHash}`) }),
  };
}

interface Rate {
  readonly requests: number;
  /** Milliseconds. */
  readonly per: number;
}

function createCheck(redis: RedisClient, keyPrefix: string, rate: Rate, inMemoryBlockOnConsumed: number): RateCheck<[key: string]> {
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix,
    points: rate.requests,
    duration: Math.round(rate.per / 1000),
    inMemoryBlockOnConsumed,
  });
  return (key) => {
    const consumed = limiter.consume(key).then(
      () => undefined,
      (refused: unknown) => (refused instanceof RateLimiterRes ? Math.max(1, refused.msBeforeNext) : undefined),
    );
    return within(consumed, TIMEOUT_MS, undefined);
  };
}
