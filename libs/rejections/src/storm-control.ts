import type { RedisCommands } from './redis-commands';
import { oneStorm } from './one-storm';
import type { Storm } from './storm';
import { DISCARD, READ, RELEASE } from './storm-scripts';

export interface StormControlOptions {
  readonly redis: RedisCommands;
  /** The key base of a queue. */
  readonly baseOf: (queue: string) => string;
  /** All queues of an app: each has its own storms. Default: one, called like the app. */
  readonly queuesOf?: (appKey: string) => Promise<readonly string[]>;
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

export function createStormControl({ redis, baseOf, queuesOf = oneQueue, ttlMs, now }: StormControlOptions): StormControl {
  // The window is of no consequence to these scripts, but they share their beginning with those that need one.
  const head = (): [number, string] => [now(), JSON.stringify({ ttlMs, windowMs: 1 })];
  const inEach = async <Found>(appKey: string, look: (base: string) => Promise<Found>): Promise<Found[]> =>
    Promise.all((await queuesOf(appKey)).map((queue) => look(baseOf(queue))));
  const releaseIn = async (base: string): Promise<number> => {
    let total = 0;
    for (;;) {
      const { released, left } = await RELEASE.run(redis, base, head());
      total += released;
      if (left === 0) return total;
    }
  };
  const readStorm = async (appKey: string): Promise<Storm | undefined> => {
    const storms = await inEach(appKey, async (base) => (await READ.run(redis, base, head())).storm);
    return oneStorm(storms.flatMap((storm) => storm ?? []));
  };
  return {
    readStorm,
    release: async (appKey) => ((await readStorm(appKey)) ? sum(await inEach(appKey, releaseIn)) : 0),
    discard: async (appKey) => sum(await inEach(appKey, (base) => DISCARD.run(redis, base, head()))),
  };
}

export function oneQueue(appKey: string): Promise<readonly string[]> {
  return Promise.resolve([appKey]);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}
