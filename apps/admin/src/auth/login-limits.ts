import { createHash } from 'node:crypto';

import type { RedisClient } from '@reveille/queue';
import { sourceKey } from '@reveille/role';
import { RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';

/** Seconds that failed logins are counted. */
const WINDOW_S = 15 * 60;
/** Failed logins in that time: of one name from one address ... */
const MAX_BY_NAME_AND_ADDRESS = 5;
/** ... of all names from one address (an office has one) ... */
const MAX_BY_ADDRESS = 30;
/** ... and of one name from addresses where it never signed in. Where it did, strangers cannot lock it out. */
const MAX_BY_NAME = 50;
/** How long an address is one where somebody has signed in, in seconds. */
const KNOWN_ADDRESS_S = 30 * 86_400;

/** A login that may be tried; or after how many milliseconds. */
export type LoginAttempt =
  | { readonly ok: true; readonly succeeded: () => Promise<void> }
  | { readonly ok: false; readonly retryAfterMs: number };

/** How often a password may be tried. Counted on Redis, for all admin processes together; everything rejects when Redis does. */
export interface LoginLimits {
  /** Counts as failed until it says otherwise. */
  attempt(name: string, address: string): Promise<LoginAttempt>;
}

export function createLoginLimits({ redis, prefix }: { readonly redis: RedisClient; readonly prefix: string }): LoginLimits {
  const base = `${prefix}:admin:login`;
  const limiter = (kind: string, points: number): RateLimiterRedis =>
    new RateLimiterRedis({ storeClient: redis, keyPrefix: `${base}:${kind}`, points, duration: WINDOW_S });
  const byAddress = limiter('address', MAX_BY_ADDRESS);
  const byBoth = limiter('both', MAX_BY_NAME_AND_ADDRESS);
  const byName = limiter('name', MAX_BY_NAME);
  const knownKey = (name: string, source: string): string => `${base}:known:${digest(name, source)}`;

  return {
    async attempt(name, address) {
      const source = sourceKey(address);
      const both = digest(name, source);
      const isKnown = (await redis.exists(knownKey(name, source))) === 1;
      // One after the other: what an earlier one refuses must not count against the name.
      const retryAfterMs =
        (await consume(byAddress, source)) ?? (await consume(byBoth, both)) ?? (isKnown ? undefined : await consume(byName, digest(name)));
      if (retryAfterMs !== undefined) return { ok: false, retryAfterMs };
      return {
        ok: true,
        async succeeded() {
          await redis.set(knownKey(name, source), '1', 'EX', KNOWN_ADDRESS_S);
          await Promise.all([byAddress.reward(source), byBoth.delete(both), ...(isKnown ? [] : [byName.reward(digest(name))])]);
        },
      };
    },
  };
}

async function consume(limiter: RateLimiterRedis, key: string): Promise<number | undefined> {
  try {
    await limiter.consume(key);
    return undefined;
  } catch (error) {
    if (error instanceof RateLimiterRes) return Math.max(1, error.msBeforeNext);
    throw error;
  }
}

/** What is typed as a name may be anything, a password too: Redis need not know it. */
function digest(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
