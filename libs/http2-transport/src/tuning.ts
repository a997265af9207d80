import { performance } from 'node:perf_hooks';

/** Times, limits, clock and randomness of a transport. The defaults are right for production; tests shorten them. */
export interface TransportTuning {
  /** For a whole connection attempt: proxy, TCP, TLS and the peer's first SETTINGS. Milliseconds. */
  readonly connectTimeoutMs: number;
  /** A session that has heard nothing for this long is asked whether it lives. Milliseconds. */
  readonly pingIntervalMs: number;
  /** A PING unanswered for this long means a dead peer. Milliseconds. */
  readonly pingTimeoutMs: number;
  /** Upper bound of the first pause after a failed connection attempt; it doubles from there. Milliseconds. */
  readonly backoffBaseMs: number;
  /** Upper bound of every such pause. Milliseconds. */
  readonly backoffMaxMs: number;
  /** No further session is opened beside one that is younger than this: its limit may still rise. Milliseconds. */
  readonly growthPatienceMs: number;
  /** A session lost within this time without a single answer counts as a failed connection attempt. Milliseconds. */
  readonly stillbornMs: number;
  /** How long a finished connection may take to close before its socket is destroyed. Milliseconds. */
  readonly lingerMs: number;
  /** Our own ceiling on concurrent streams of one session, for peers that announce none or a huge one. */
  readonly maxStreamsPerSession: number;
  /** A session is replaced when its stream ids come here; they cannot pass 2^31-1 (RFC 9113, 5.1.1). */
  readonly retireAtStreamId: number;
  /** Monotonic clock, milliseconds. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

export const DEFAULT_TUNING: TransportTuning = {
  connectTimeoutMs: 10_000,
  // Between 30 and 60 s: below the idle time after which NATs and load balancers forget a connection (60 s and more).
  pingIntervalMs: 45_000,
  pingTimeoutMs: 10_000,
  backoffBaseMs: 500,
  backoffMaxMs: 30_000,
  // Longer than a round trip to any provider, so that the first answer can raise the limit before.
  growthPatienceMs: 500,
  stillbornMs: 10_000,
  lingerMs: 1_000,
  // Apple announces 1000, Google 100; more on one connection gains nothing.
  maxStreamsPerSession: 1_000,
  retireAtStreamId: 2 ** 30,
  now: () => performance.now(),
  random: Math.random,
};
