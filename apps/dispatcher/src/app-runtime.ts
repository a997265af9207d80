import { appLimits, quotaTerms } from '@reveille/config';
import type { DispatcherMetrics, GovernorSample, Logger, StormSample } from '@reveille/observability';
import type { Provider } from '@reveille/provider';
import {
  createAllGates,
  createAppQueue,
  describeRedisFailure,
  type AppGate,
  type AppQueue,
  type RedisClient,
  type SharedClock,
} from '@reveille/queue';
import type { RejectionMemory } from '@reveille/rejections';
import { runAppQueues } from './app-queues';
import type { AppSettings } from './app-schema';
import { createCircuitBreaker } from './circuit-breaker';
import { followCredentials } from './follow-credentials';
import { startAppGovernor } from './governor/app-governor';
import { guardSend } from './guard-send';
import { startQueueRuntime, type QueueRuntime } from './queue-runtime';
import type { ReloadingProvider } from './reloading-provider';
import { settingsFingerprint } from './settings-fingerprint';
import type { DispatcherSettings } from './start-dispatcher';

/** One configured app in this process: its provider, its queues, their workers. */
export interface AppRuntime {
  readonly queue: AppQueue;
  readonly provider: Provider;
  /** None, or the storms of the app as one. */
  storms(): readonly StormSample[];
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
  const { partitions } = appLimits(app, settings);
  // Of the whole app: all of its queues push with one credential to one provider.
  const gate = createAllGates({ find: () => Promise.resolve(gates()), known: () => gates() });
  const gates = (): readonly AppGate[] => queues.running().map((queue) => queue.gate);
  const breaker = createCircuitBreaker({ gate, now: clock.now });
  const timeoutMs = 2 * settings.dispatcher.request_timeout + ATTEMPT_MARGIN_MS;
  const governor = startAppGovernor({
    appKey,
    prefix,
    owner: options.quotaOwner,
    terms: quotaTerms(app.quota, app.type),
    redis,
    now: clock.now,
    gate,
    send: guardSend((dispatch) => provider.send(dispatch), { appKey, timeoutMs, logger }),
    setConcurrency(count) {
      const running = queues.running();
      for (const each of running) each.setConcurrency(count === undefined ? undefined : Math.ceil(count / running.length));
    },
    onEvent: (event) => metrics.governed(appKey, event),
  });
  const fingerprint = (): string => settingsFingerprint(app, provider.filesInUse());
  const queues = runAppQueues({
    ...{ appKey, prefix, partitions, redis, onError },
    now: clock.now,
    start: (queue) =>
      startQueueRuntime({
        ...{ appKey, queue, app, settings, redis, clock, rejections, metrics, logger, gate, breaker, fingerprint, onError },
        send: governor.send,
      }),
  });
  const queue = createAppQueue({ appKey, prefix, redis, now: clock.now, onError });
  followCredentials({ appKey, provider, gate, metrics, logger });

  return {
    queue,
    provider,
    storms: () => sumStorms(appKey, queues.running()),
    quota: () => governor.sample(),
    inFlight: () => queues.running().reduce((sum, each) => sum + each.inFlight(), 0),
    async close(graceMs) {
      queues.stopLooking();
      // What waits for a quota goes back at once and need not be waited for.
      governor.close();
      const closed = await Promise.all(queues.running().map((each) => each.close(graceMs)));
      await provider.close(0);
      await queue.close();
      return {
        finished: closed.reduce((sum, { finished }) => sum + finished, 0),
        putBack: closed.reduce((sum, { putBack }) => sum + putBack, 0),
      };
    },
  };
}

function sumStorms(app: string, queues: readonly QueueRuntime[]): StormSample[] {
  const storms = queues.flatMap((queue) => queue.storms.samples());
  return storms.length === 0 ? [] : [{ app, held: storms.reduce((sum, { held }) => sum + held, 0) }];
}
