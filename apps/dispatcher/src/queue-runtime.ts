import { appLimits, sealingKeys } from '@reveille/config';
import type { Logger, DispatcherMetrics } from '@reveille/observability';
import {
  createDispatchCodec,
  createDispatchWorker,
  createOneQueue,
  type AppGate,
  type KnownQueue,
  type OneQueue,
  type RedisClient,
  type SharedClock,
} from '@reveille/queue';
import type { RejectionMemory } from '@reveille/rejections';
import { dispatchNotification, type DispatchDeps } from '@reveille/relay';
import type { AppSettings } from './app-schema';
import { startAppStorms, type AppStorms } from './app-storms';
import type { CircuitBreaker } from './circuit-breaker';
import { processDispatch, recordPoison } from './process-dispatch';
import type { DispatcherSettings } from './start-dispatcher';
import { tendApp } from './tend-app';

/** One queue of an app in this process: its worker, its gate, the storms among its devices. */
export interface QueueRuntime {
  readonly key: string;
  readonly gate: AppGate;
  readonly storms: AppStorms;
  inFlight(): number;
  /** Pushes at once from now on, at least 1; undefined: its share of what is configured. */
  setConcurrency(count: number | undefined): void;
  close(graceMs: number): Promise<{ readonly finished: number; readonly putBack: number }>;
}

export interface QueueRuntimeOptions {
  readonly appKey: string;
  readonly queue: Pick<KnownQueue, 'key' | 'partition'>;
  readonly app: AppSettings;
  readonly settings: DispatcherSettings;
  readonly redis: RedisClient;
  readonly clock: SharedClock;
  readonly rejections: RejectionMemory;
  readonly metrics: DispatcherMetrics;
  readonly logger: Logger;
  /** Of the whole app: what one of its queues finds out of the provider holds for all. */
  readonly gate: AppGate;
  readonly breaker: CircuitBreaker;
  readonly send: DispatchDeps['send'];
  /** See settings-fingerprint.ts. */
  readonly fingerprint: () => string;
  readonly onError: (error: Error) => void;
}

/**
 * After an outage an app runs at full width from so many pushes at once on, in all dispatchers together; counted in what one of
 * them has in flight, since nobody knows how many there are.
 */
const FULL_WIDTH_DISPATCHERS = 16;

/** Starts dispatching one queue of an app. */
export function startQueueRuntime(options: QueueRuntimeOptions): QueueRuntime {
  const { appKey, app, settings, redis, clock, rejections, metrics, logger, gate, breaker, onError } = options;
  const { key, partition } = options.queue;
  const { prefix } = settings.redis;
  const { concurrency: ofApp, partitions } = appLimits(app, settings);
  const share = (all: number): number => Math.ceil(all / partitions);
  // One that gets no new pushes has few of its own, and must not keep those in use from the provider.
  const concurrency = partition < partitions ? share(ofApp) : Math.ceil(ofApp / (partition + 1));
  const queue: OneQueue = createOneQueue(key, { prefix, redis, now: clock.now, onError, fullWidth: share(ofApp * FULL_WIDTH_DISPATCHERS) });
  const storms = startAppStorms({
    ...{ appKey, queue: key, partitions, settings, redis, rejections, logger, onError },
    now: clock.now,
    send: options.send,
    fingerprint: options.fingerprint,
  });

  const deadLetters = { maxAgeMs: settings.dead_letters.max_age, maxCount: share(settings.dead_letters.max_count) };
  const worker = createDispatchWorker({
    appKey,
    queue: key,
    prefix,
    codec: createDispatchCodec({ keys: sealingKeys(settings.privacy), requireSealed: settings.privacy.require_sealed }),
    redis,
    clock,
    concurrency,
    deadLetters,
    explain: settings.explain.enabled,
    onError,
    onPoison: (dispatch) => recordPoison(dispatch, { appKey, metrics, logger, now: clock.now }),
    process: (job) =>
      processDispatch(job, {
        appKey,
        dispatch: (dispatch) =>
          dispatchNotification(dispatch, {
            ...storms,
            isNewestCounts: ({ deviceHash, id }) => queue.isNewestCounts(deviceHash, id),
            now: clock.now,
          }),
        gate,
        breaker,
        retry: { baseMs: settings.retry.base, capMs: settings.retry.cap },
        now: clock.now,
        random: Math.random,
        metrics,
        logger,
      }),
  });
  const stopTending = tendApp({
    ...{ appKey, queue: key, prefix, redis, deadLetters, metrics, logger, onError },
    now: clock.now,
    gate: queue.gate,
    current: () => gate.current,
  });

  return {
    key,
    gate: queue.gate,
    storms,
    inFlight: () => worker.inFlight(),
    setConcurrency: (count) => worker.setConcurrency(count),
    async close(graceMs) {
      stopTending();
      storms.close();
      const result = await worker.close(graceMs);
      await queue.close();
      return result;
    },
  };
}
