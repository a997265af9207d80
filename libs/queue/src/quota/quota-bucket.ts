import { z } from 'zod';
import type { RedisClient } from '../connect-redis';
import { LEASE, REFUSED } from './quota-scripts';

/** What a dispatcher asks of a quota. */
export interface LeaseRequest {
  /** Pushes that it would like to send. */
  readonly want: number;
  /** Of an earlier lease, and not used yet. */
  readonly keeps: number;
  /** Of an earlier lease, and not needed. */
  readonly back: number;
  /** Sent without a lease since the last answer, because Redis was away. */
  readonly spent: number;
  /** The provider is out: the quota comes back little by little afterwards. */
  readonly isOut: boolean;
}

export interface Lease {
  /** Pushes that may be sent now. */
  readonly granted: number;
  /** When it is worth asking again, in milliseconds. */
  readonly askAgainMs: number;
  /** The quota as it is now, ramp and refusals included. */
  readonly perMinute: number;
  /** Dispatchers that have asked lately, this one included ... */
  readonly dispatchers: number;
  /** ... and those of them that want more than they get. */
  readonly hungry: number;
}

/** A quota of a provider, shared by all dispatchers. */
export interface QuotaBucket {
  lease(request: LeaseRequest): Promise<Lease>;
  /**
   * The provider has refused a push for the quota: nothing is leased for a while, and less afterwards.
   *
   * @param startedAt when that attempt began, in milliseconds since the epoch
   * @param retryAfterMs what the provider asked for
   */
  refused(startedAt: number, retryAfterMs?: number): Promise<Refusal>;
}

export interface Refusal {
  /** For so many milliseconds from now nothing is leased. */
  readonly holdMs: number;
  /** False: another refusal had the same effect before. */
  readonly isFirst: boolean;
}

export interface QuotaBucketOptions {
  readonly redis: RedisClient;
  /** The hash of this quota; see `quotaKey`. */
  readonly key: string;
  /** Names this process and app. */
  readonly id: string;
  readonly perMinute: number;
  /** From a tenth to the full quota, after a start or an outage; 0: at once. Milliseconds. */
  readonly rampMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The apps of one project share its quota: its key is none of an app. In a Cluster it has a slot of its own. */
export function quotaKey(prefix: string, owner: string): string {
  return `${prefix}:{quota:${encodeURIComponent(owner)}}`;
}

const leaseReply = z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]);
const refusedReply = z.tuple([z.number(), z.number()]);

/** Each call is one script on Redis; throws what Redis throws. */
export function createQuotaBucket({ redis, key, id, perMinute, rampMs, now }: QuotaBucketOptions): QuotaBucket {
  return {
    async lease({ want, keeps, back, spent, isOut }) {
      const args = [now(), id, want, keeps, back, spent, perMinute, rampMs, isOut ? 1 : 0];
      const [granted, askAgainMs, left, dispatchers, hungry] = leaseReply.parse(await LEASE.run(redis, key, args));
      return { granted, askAgainMs, perMinute: left, dispatchers, hungry };
    },
    async refused(startedAt, retryAfterMs = 0) {
      const [holdMs, isFirst] = refusedReply.parse(await REFUSED.run(redis, key, [now(), startedAt, retryAfterMs]));
      return { holdMs, isFirst: isFirst === 1 };
    },
  };
}
