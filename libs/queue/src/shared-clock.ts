import type { RedisClient } from './connect-redis';
import { readPreciseServerTime } from './server-time';

/**
 * The clock that all processes share: that of Redis. Deadlines are made by one host and judged by another; with 60 s for a call, a
 * host whose clock is a minute off would let all calls expire, or ring them late.
 */
export interface SharedClock {
  /** Milliseconds since the epoch. The host's own clock until Redis has told its time once. */
  readonly now: () => number;
  /** How far the shared clock is ahead of the host's own, in milliseconds. */
  readonly ahead: () => number;
  /** Resolves when Redis has told its time once. */
  readonly synchronised: Promise<void>;
  readonly stop: () => void;
}

export interface SharedClockOptions {
  readonly redis: RedisClient;
  /** The host's own clock, in milliseconds since the epoch. */
  readonly local?: () => number;
  /** Milliseconds, never set back. */
  readonly monotonic?: () => number;
}

/** Milliseconds from one reading to the next; and until there is a good one. */
const EVERY_MS = 5000;
const SOON_MS = 250;
/** The time was read somewhere between question and answer: an answer that took longer (milliseconds) only serves until a better one. */
const GOOD_ANSWER_MS = 250;
/** Of so many last readings the middle one counts: nodes of a Cluster may disagree, and one may be wrong. */
const READINGS = 5;

/** Between two readings it goes on with the host's monotonic clock: setting the host's clock does not move it. */
export function createSharedClock(options: SharedClockOptions): SharedClock {
  const { redis, local = Date.now, monotonic = () => performance.now() } = options;
  let readings: readonly number[] = [];
  let base: number | undefined;
  let tellSynchronised = (): void => undefined;
  const synchronised = new Promise<void>((resolve) => (tellSynchronised = resolve));

  const read = async (): Promise<void> => {
    const sent = monotonic();
    const time = await readPreciseServerTime(redis);
    const received = monotonic();
    const reading = time - (sent + received) / 2;
    if (received - sent <= GOOD_ANSWER_MS) readings = [...readings.slice(1 - READINGS), reading];
    base = middle(readings) ?? reading;
    tellSynchronised();
  };
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const readAndPlan = (): void => {
    clearTimeout(timer);
    const reading = redis.status === 'ready' ? read() : Promise.resolve();
    // A reading that fails is made up for by the next one; that Redis is away is told by its connection.
    void reading
      .catch(() => undefined)
      .then(() => {
        clearTimeout(timer);
        if (!isStopped) timer = setTimeout(readAndPlan, readings.length > 0 ? EVERY_MS : SOON_MS).unref();
      });
  };
  redis.on('ready', readAndPlan);
  readAndPlan();

  const now = (): number => (base === undefined ? local() : Math.round(base + monotonic()));
  return {
    now,
    ahead: () => now() - local(),
    synchronised,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      redis.off('ready', readAndPlan);
    },
  };
}

function middle(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
