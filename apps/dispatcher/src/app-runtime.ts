import { appLimits, quotaTerms, sealingKeys } from '@reveille/config';
import type { DispatcherMetrics, GovernorSample, Logger } from '@reveille/observability';
import type { Provider } from '@reveille/provider';
import {
  createAppQueue,
  createDispatchCodec,
  createDispatchWorker,
  describeRedisFailure,
  type AppQueue,
  type RedisClient,
  type SharedClock,
} from '@reveille/queue';
import type { RejectionMemory } from '@reveille/rejections';
import { dispatchNotification } from '@reveille/relay';
import type { AppSettings } from './app-schema';
import { startAppStorms, type AppStorms } from './app-storms';
import { createCircuitBreaker } from './circuit-breaker';
import { followCredentials } from './follow-credentials';
import { startAppGovernor } from './governor/app-governor';
import { guardSend } from './guard-send';
import { processDispatch, recordPoison } from './process-dispatch';
import type { ReloadingProvider } from './reloading-provider';
import { settingsFingerprint } from './settings-fingerprint';
import type { DispatcherSettings } from './start-dispatcher';
import { tendApp } from './tend-app';

/** One configured app in this process: its provider, its queue, its worker. */
export interface AppRuntime {
  readonly queue: AppQueue;
  readonly provider: Provider;
  readonly storms: AppStorms;
  /** Undefined: no quota of its provider is known. */
  quota(): GovernorSample | undefined;
  inFlight(): number;
  /** Ends what is in flight within `graceMs` milliseconds and puts the rest back. */
  close(graceMs: number): Promise<{ readonly finished: number; readonly putBack: number }>;
}

export interface AppRuntimeOptions {
  readonly appKey: string;
  readonly app: AppSettings;
  readonly settings: DispatcherSettings;
  readonly provider: ReloadingProvider;
  /** Whose the provider's quota is; see quota-owner.ts. */
  readonly quotaOwner: string;
  readonly redis: RedisClient;
  readonly clock: SharedClock;
  readonly rejections: RejectionMemory;
  readonly metrics: DispatcherMetrics;
  readonly logger: Logger;
}

/**
 * After an outage an app runs at full width from so many pushes at once on, in all dispatchers together; counted in what one of
 * them has in flight, since nobody knows how many there are.
 */
const FULL_WIDTH_DISPATCHERS = 16;
/** How much longer than a request to the provider (twice: a fresh credential may be fetched) an attempt may take, in milliseconds. */
const ATTEMPT_MARGIN_MS = 30_000;

/** Starts dispatching one app. */
export function startAppRuntime(options: AppRuntimeOptions): AppRuntime {
  const { appKey, app, settings, provider, redis, clock, rejections, metrics, logger } = options;
  const prefix = settings.redis.prefix;
  const onError = (error: Error): void => {
    const failure = describeRedisFailure(error);
    // That Redis is away is told by its connection; anything else is a fault of the queue that somebody has to look at.
    const level = redis.status === 'ready' ? 'warn' : 'debug';
    logger[level]({ app: appKey, failure }, 'queue');
  };
  const { concurrency } = appLimits(app, settings);
  const fullWidth = concurrency * FULL_WIDTH_DISPATCHERS;
  const queue = createAppQueue({ appKey, prefix, redis, now: clock.now, onError, fullWidth });
  const breaker = createCircuitBreaker({ gate: queue.gate, now: clock.now });
  const timeoutMs = 2 * settings.dispatcher.request_timeout + ATTEMPT_MARGIN_MS;
  const governor = startAppGovernor({
    appKey,
    prefix,
    owner: options.quotaOwner,
    terms: quotaTerms(app.quota, app.type),
    redis,
    now: clock.now,
    gate: queue.gate,
    send: guardSend((dispatch) => provider.send(dispatch), { appKey, timeoutMs, logger }),
    setConcurrency: (count) => worker.setConcurrency(count),
    onEvent: (event) => metrics.governed(appKey, event),
  });
  const { send } = governor;
  followCredentials({ appKey, provider, gate: queue.gate, metrics, logger });

  const fingerprint = (): string => settingsFingerprint(app, provider.filesInUse());
  const storms = startAppStorms({ appKey, settings, redis, now: clock.now, rejections, send, fingerprint, logger, onError });

  const deadLetters = { maxAgeMs: settings.dead_letters.max_age, maxCount: settings.dead_letters.max_count };
  const worker = createDispatchWorker({
    appKey,
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
        gate: queue.gate,
        breaker,
        retry: { baseMs: settings.retry.base, capMs: settings.retry.cap },
        now: clock.now,
        random: Math.random,
        metrics,
        logger,
      }),
  });

  const stopTending = tendApp({
    appKey,
    prefix,
    redis,
    now: clock.now,
    gate: queue.gate,
    deadLetters,
    metrics,
    logger,
    onError,
  });

  return {
    queue,
    provider,
    storms,
    quota: () => governor.sample(),
    inFlight: () => worker.inFlight(),
    async close(graceMs) {
      stopTending();
      storms.close();
      // What waits for a quota goes back at once and need not be waited for.
      governor.close();
      const result = await worker.close(graceMs);
      await provider.close(0);
      await queue.close();
      return result;
    },
  };
}
