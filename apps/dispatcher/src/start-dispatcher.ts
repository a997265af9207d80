import type { Settings } from '@reveille/config';
import { createDispatcherMetrics, createReadiness, type QueueSample } from '@reveille/observability';
import {
  appKeyBase,
  checkWritable,
  connectProducer,
  connectWorker,
  createSharedClock,
  createStatsRecorder,
  describeRedisFailure,
  logConnection,
  readControls,
  readEach,
  readQueueSamples,
  startHeartbeat,
} from '@reveille/queue';
import { createRejectionMemory } from '@reveille/rejections';
import { serveRole, type RoleContext, type RunningRole } from '@reveille/role';
import { startAppRuntime } from './app-runtime';
import { fileReader, type AppSettings } from './app-schema';
import { countStatistics } from './count-statistics';
import { quotaOwner } from './governor/quota-owner';
import { createReloadingProvider } from './reloading-provider';
import { tendRemovedApps } from './tend-removed-apps';

export type DispatcherSettings = Settings<AppSettings>;

const READINESS_TIMEOUT_MS = 1000;

/** The dispatcher role: dispatches out of Redis, to the providers, outcomes back into Redis. */
export async function startDispatcher(context: RoleContext<DispatcherSettings>): Promise<RunningRole> {
  const { settings, logger, baseDirectory, environment } = context;
  const prefix = settings.redis.prefix;
  const redis = connectWorker(context.redis);
  logConnection(redis, logger);
  // Probes must not wait for a Redis that is away.
  const probe = connectProducer(context.redis);
  const clock = createSharedClock({ redis });
  let draining = false;

  const stats = createStatsRecorder({ redis, prefix, now: clock.now });
  const metrics = countStatistics(createDispatcherMetrics({ apps: Object.keys(settings.apps) }), stats);
  const rejections = createRejectionMemory({
    redis,
    baseOf: (appKey) => appKeyBase(prefix, appKey),
    ttlMs: settings.rejections.ttl,
  });
  const runtimes = Object.entries(settings.apps).map(([appKey, app]) =>
    startAppRuntime({
      appKey,
      app,
      settings,
      provider: createReloadingProvider({
        app,
        context: {
          baseDirectory,
          environment,
          proxy: settings.proxy,
          requestTimeoutMs: settings.dispatcher.request_timeout,
          now: clock.now,
        },
      }),
      quotaOwner: quotaOwner(appKey, app, fileReader(baseDirectory)),
      redis,
      clock,
      rejections,
      metrics,
      logger,
    }),
  );

  const stopTending = tendRemovedApps({
    redis,
    prefix,
    now: clock.now,
    configured: new Set(Object.keys(settings.apps)),
    deadLetters: { maxAgeMs: settings.dead_letters.max_age, maxCount: settings.dead_letters.max_count },
    metrics,
    logger,
    onError: (error) => logger.debug({ failure: describeRedisFailure(error) }, 'removed apps were not looked after'),
  });

  metrics.observeRedis(async () => (await checkWritable(probe, prefix)) === true);
  const sampleQueues = readEach(
    runtimes.map(({ queue }) => queue),
    async (queue): Promise<QueueSample[]> => {
      const controls = readControls({ redis, prefix }, queue.appKey);
      const [samples, { difference }, { draining: isDraining }] = await Promise.all([readQueueSamples(queue), queue.ledger(), controls]);
      metrics.setLedgerDifference(queue.appKey, difference);
      metrics.setDraining(queue.appKey, isDraining);
      return samples;
    },
  );
  // Scrapes must not pile up commands for a Redis that is away.
  metrics.observeQueues(async () => (redis.status === 'ready' ? (await sampleQueues()).flat() : []));
  metrics.observeStorms(() => Promise.resolve(runtimes.flatMap((runtime) => runtime.storms())));
  metrics.observeGovernors(() => runtimes.flatMap((runtime) => runtime.quota() ?? []));
  const credentials = () =>
    runtimes.flatMap(({ queue, provider }) => provider.credentials().map((each) => ({ app: queue.appKey, ...each })));
  metrics.observeCredentials(credentials);
  const endHeartbeat = startHeartbeat({
    redis: probe,
    prefix,
    role: 'dispatcher',
    inFlight: () => runtimes.reduce((sum, runtime) => sum + runtime.inFlight(), 0),
    credentials: () => credentials().map(({ app, credential, expiresAt }) => ({ app, kind: credential, expiresAt })),
  });
  return serveRole(context, {
    role: 'dispatcher',
    registry: metrics.registry,
    readiness: createReadiness(
      { redis: () => checkWritable(probe, prefix) },
      { timeoutMs: READINESS_TIMEOUT_MS, isDraining: () => draining },
    ),
    close: async () => {
      draining = true;
      stopTending();
      clock.stop();
      const closed = await Promise.all(runtimes.map((runtime) => runtime.close(settings.dispatcher.shutdown_grace)));
      const putBack = closed.reduce((sum, each) => sum + each.putBack, 0);
      logger.info({ put_back: putBack }, 'dispatching ended');
      await Promise.all([stats.close(), endHeartbeat()]);
      redis.disconnect();
      probe.disconnect();
    },
  });
}
