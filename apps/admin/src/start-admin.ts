import {
  createAdminMetrics,
  createReadiness,
  OperationalError,
  startMetricsServer,
  type AdminMetrics,
  type Logger,
  type QueueSample,
} from '@reveille/observability';
import {
  checkWritable,
  connectProducer,
  connectWorker,
  createAppQueue,
  describeRedisFailure,
  type AppQueue,
} from '@reveille/queue';

import { createAdminApp } from './admin-app';
import type { AdminSettings } from './admin-settings';
import { readAppOverview, toQueueSamples, type AppOverview } from './app-overview';
import { listen } from './listen';

export interface RunningAdmin {
  readonly urls: { readonly http: string; readonly metrics: string };
  close(): Promise<void>;
}

/** A probe waits about this long. Milliseconds. */
const READINESS_TIMEOUT_MS = 1_000;
/** A Redis that took the connection but does not answer must not hang the page. Milliseconds. */
const READ_TIMEOUT_MS = 2_000;
/** At the end: for requests under way. Milliseconds. */
const CLOSE_GRACE_MS = 5_000;

/** Puts the admin together and listens. Redis may be away: then it is not ready. Rejects if a port is taken. */
export async function startAdmin(settings: AdminSettings, logger: Logger): Promise<RunningAdmin> {
  const redis = connectRedis(settings, logger);
  // A second connection, whose commands wait for Redis: a BullMQ queue that is made while Redis is away and whose first
  // command fails stays broken for ever. Its errors are those of the first, which are told already.
  const queueRedis = connectWorker(settings.redis, () => undefined);
  const common = { prefix: settings.redisPrefix, redis: queueRedis, now: Date.now, onError: () => undefined };
  const queues = settings.apps.map((appKey) => createAppQueue({ ...common, appKey }));
  let draining = false;
  const redisCheck = createReadiness(
    { redis: () => checkWritable(redis, settings.redisPrefix) },
    { timeoutMs: READINESS_TIMEOUT_MS },
  );
  const readiness = () => (draining ? Promise.resolve({ ready: false, reasons: ['shutting down'] }) : redisCheck());
  const readApps = async (): Promise<AppOverview[]> => {
    // Asked first, so that no commands pile up for a Redis that is away.
    const { ready, reasons } = await redisCheck();
    if (!ready) throw new OperationalError('redis_unavailable', reasons.join('; '));
    return inTime(Promise.all(queues.map(readAppOverview)), READ_TIMEOUT_MS);
  };

  const metrics = createAdminMetrics({ apps: settings.apps });
  metrics.observeRedis(async () => (await redisCheck()).ready);
  metrics.observeQueues(() => sampleQueues(readApps, metrics));

  const closeRedis = async (): Promise<void> => {
    // First the connections: what still waits for Redis fails now, instead of keeping the queues from closing.
    redis.disconnect();
    queueRedis.disconnect();
    await closeQueues(queues);
  };
  try {
    const metricsServer = await startMetricsServer({
      registry: metrics.registry,
      health: readiness,
      bindAddress: settings.metricsBindAddress,
      port: settings.metricsPort,
      logger,
    });
    const app = createAdminApp({ readApps, readiness, metrics, logger });
    const server = await listen(app, settings.bindAddress, settings.port).catch(async (error: unknown) => {
      await metricsServer.close();
      throw error;
    });
    return {
      urls: { http: server.url, metrics: metricsServer.url },
      close: async () => {
        draining = true;
        await server.close(CLOSE_GRACE_MS);
        await metricsServer.close();
        await closeRedis();
      },
    };
  } catch (error) {
    await closeRedis();
    throw error;
  }
}

async function sampleQueues(
  readApps: () => Promise<readonly AppOverview[]>,
  metrics: AdminMetrics,
): Promise<QueueSample[]> {
  const apps = await readApps();
  for (const { app, state } of apps) {
    metrics.setParked(app, state === 'parked' || state === 'probing');
  }
  return apps.flatMap(toQueueSamples);
}

async function closeQueues(queues: readonly AppQueue[]): Promise<void> {
  await Promise.allSettled(queues.map((queue) => queue.close()));
}

/** ioredis repeats a connection error every second while Redis is away: one line when the reason changes is enough. */
function connectRedis({ redis: settings }: AdminSettings, logger: Logger): ReturnType<typeof connectProducer> {
  let last: string | undefined;
  const redis = connectProducer(settings, (error) => {
    const reason = describeRedisFailure(error);
    if (reason !== last) {
      last = reason;
      logger.warn({ reason }, 'Redis is not reachable');
    }
  });
  redis.on('ready', () => {
    last = undefined;
    logger.info('Redis is reachable');
  });
  return redis;
}

/** Rejects when `promise` takes longer than `timeoutMs`. */
async function inTime<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new OperationalError('redis_timeout', `no answer of Redis in ${timeoutMs} ms`)),
      timeoutMs,
    );
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
