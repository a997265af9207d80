import { z } from 'zod';
import type { RedisClient } from './connect-redis';

/**
 * The clock that all processes share: that of Redis. Deadlines are made by one host and judged by another; with 60 s for a call, a
 * host whose clock is a minute off would let all calls expire, or ring them late.
 */
export interface SharedClock {
  /** Milliseconds since the epoch. The host's own clock until Redis has told its time once. */
  readonly now: () => number;
  /** How far the shared clock is ahead of the host's own, in milliseconds. */
  readonly ahead: () => number;
  readonly stop: () => void;
}

export interface SharedClockOptions {
  readonly redis: RedisClient;
  /** The host's own clock, in milliseconds since the epoch. */
  readonly local?: () => number;
  /** Milliseconds, never set back. */
  readonly monotonic?: () => number;
}

const EVERY_MS = 5000;
/** An answer that took longer (milliseconds) says too little of when the time was read. */
const SLOWEST_ANSWER_MS = 250;
/** Of so many last readings the middle one counts: nodes of a Cluster may disagree, and one may be wrong. */
const READINGS = 5;

const replySchema = z.tuple([z.coerce.number(), z.coerce.number()]);

/** Between two readings it goes on with the host's monotonic clock: setting the host's clock does not move it. */
export function createSharedClock(options: SharedClockOptions): SharedClock {
  const { redis, local = Date.now, monotonic = () => performance.now() } = options;
  let readings: number[] = [];
  let base: number | undefined;

  const read = async (): Promise<void> => {
    if (redis.status !== 'ready') return;
    const sent = monotonic();
    const [seconds, micros] = replySchema.parse(await redis.time());
    const received = monotonic();
    if (received - sent > SLOWEST_ANSWER_MS) return;
    readings = [...readings.slice(1 - READINGS), seconds * 1000 + micros / 1000 - (sent + received) / 2];
    base = middle(readings);
  };
  // A reading that fails is made up for by the next one; that Redis is away is told by its connection.
  const tryRead = (): void => void read().catch(() => undefined);
  const timer = setInterval(tryRead, EVERY_MS).unref();
  redis.on('ready', tryRead);
  tryRead();

  const now = (): number => (base === undefined ? local() : Math.round(base + monotonic()));
  return {
    now,
    ahead: () => now() - local(),
    stop: () => {
      clearInterval(timer);
      redis.off('ready', tryRead);
    },
  };
}

function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
