import type { RedisCommands } from './redis-commands';
import type { Storm } from './storm';
import { DISCARD, READ, RELEASE } from './storm-scripts';

export interface StormControlOptions {
  readonly redis: RedisCommands;
  /** The key base of an app. */
  readonly baseOf: (appKey: string) => string;
  /** How long a rejection that is released is told, in milliseconds (`rejections.ttl`). */
  readonly ttlMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Storms as operators see and end them. Works without a dispatcher. */
export interface StormControl {
  /** Changes nothing; undefined: no storm. */
  readonly readStorm: (appKey: string) => Promise<Storm | undefined>;
  /**
   * "The rejections are true": all held verdicts are remembered and told from now on, and for ten minutes (by
   * the slow look for a day) the app's rejections are believed. Resolves with their number, 0 when there is no storm.
   */
  release(appKey: string): Promise<number>;
  /**
   * "It was a mistake": the held verdicts are forgotten, their pushes are sent at their next retry. Pushes that ended as
   * rejected before the storm was seen are not sent again. Resolves with the number of verdicts.
   */
  discard(appKey: string): Promise<number>;
}

export function createStormControl({ redis, baseOf, ttlMs, now }: StormControlOptions): StormControl {
  // The window is of no consequence to these scripts, but they share their beginning with those that need one.
  const head = (): [number, string] => [now(), JSON.stringify({ ttlMs, windowMs: 1 })];
  return {
    readStorm: async (appKey) => (await READ.run(redis, baseOf(appKey), head())).storm,
    async release(appKey) {
      let total = 0;
      for (;;) {
        const { released, left } = await RELEASE.run(redis, baseOf(appKey), head());
        total += released;
        if (left === 0) return total;
      }
    },
    discard: (appKey) => DISCARD.run(redis, baseOf(appKey), head()),
  };
}
