import { appLimits, sealingKeys } from '@reveille/config';
import type { DispatcherMetrics, Logger } from '@reveille/observability';
import type { Provider } from '@reveille/provider';
import {
  createAppQueue,
  createDispatchCodec,
  createDispatchWorker,
  describeRedisFailure,
  type AppQueue,
  type RedisClient,
} from '@reveille/queue';
import type { RejectionMemory } from '@reveille/rejections';
import { dispatchNotification } from '@reveille/relay';
import type { AppSettings } from './app-schema';
import { followCredentials } from './follow-credentials';
import { processDispatch, recordAbandoned } from './process-dispatch';
import type { ReloadingProvider } from './reloading-provider';
import type { DispatcherSettings } from './start-dispatcher';

/** One configured app in this process: its provider, its queue, its worker. */
export interface AppRuntime {
  readonly queue: AppQueue;
  readonly provider: Provider;
  inFlight(): number;
  /** Ends what is in flight within `graceMs` milliseconds and puts the rest back. */
  close(graceMs: number): Promise<{ readonly finished: number; readonly putBack: number }>;
}

export interface AppRuntimeOptions {
  readonly appKey: string;
  readonly app: AppSettings;
  readonly settings: DispatcherSettings;
  readonly provider: ReloadingProvider;
  readonly redis: RedisClient;
  readonly rejections: RejectionMemory;
  readonly metrics: DispatcherMetrics;
  readonly logger: Logger;
}

/** How often the gate looks at Redis, in milliseconds: so late does a dispatcher learn that another one parked the app. */
const GATE_TICK_MS = 1000;

/** Starts dispatching one app. */
export function startAppRuntime(options: AppRuntimeOptions): AppRuntime {
  const { appKey, app, settings, provider, redis, rejections, metrics, logger } = options;
  const prefix = settings.redis.prefix;
  const onError = (error: Error): void => {
    const failure = describeRedisFailure(error);
    // That Redis is away is told by its connection; anything else is a fault of the queue that somebody has to look at.
    const level = redis.status === 'ready' ? 'warn' : 'debug';
    logger[level]({ app: appKey, failure }, 'queue');
  };
  const queue = createAppQueue({ appKey, prefix, redis, now: Date.now, onError });
  followCredentials({ appKey, provider, gate: queue.gate, metrics, logger });

  const worker = createDispatchWorker({
    appKey,
    prefix,
    codec: createDispatchCodec({ keys: sealingKeys(settings.privacy) }),
    redis,
    concurrency: appLimits(app, settings).concurrency,
    deadLetters: { maxAgeMs: settings.dead_letters.max_age, maxCount: settings.dead_letters.max_count },
    onError,
    onAbandoned: (dispatch) => recordAbandoned(dispatch, { appKey, metrics, logger, now: Date.now }),
    process: (job) =>
      processDispatch(job, {
        appKey,
        dispatch: (dispatch) =>
          dispatchNotification(dispatch, {
            send: (each) => provider.send(each),
            isNewestCounts: ({ deviceHash, id }) => queue.isNewestCounts(deviceHash, id),
            rememberRejection: ({ deviceHash }, { diedAt, reason }) =>
              rejections.remember(appKey, deviceHash, { diedAt, reason }),
            now: Date.now,
          }),
        gate: queue.gate,
        retry: { baseMs: settings.retry.base, capMs: settings.retry.cap },
        now: Date.now,
        random: Math.random,
        metrics,
        logger,
      }),
  });

  let looking = false;
  const watch = setInterval(() => {
    // While Redis is away its commands wait: one look at a time, or they would all come at once when it is back.
    if (looking) return;
    looking = true;
    queue.gate
      .tick()
      .then(() => metrics.setParked(appKey, isParked(queue)))
      .catch(onError)
      .finally(() => (looking = false));
  }, GATE_TICK_MS);

  return {
    queue,
    provider,
    inFlight: () => worker.inFlight(),
    async close(graceMs) {
      clearInterval(watch);
      const result = await worker.close(graceMs);
      await provider.close(0);
      await queue.close();
      return result;
    },
  };
}

/** Until a probe has succeeded, an app counts as parked. */
function isParked({ gate }: AppQueue): boolean {
  return gate.current?.state === 'parked' || gate.current?.state === 'probing';
}
