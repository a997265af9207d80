import { createServer } from 'node:http';
import { join } from 'node:path';

import { createAdminMetrics, createReadiness, VERSION, within, type AdminMetrics, type QueueSample } from '@reveille/observability';
import {
  appKeyBase,
  checkReachable,
  checkWritable,
  connectProducer,
  connectWorker,
  createAppQueue,
  logConnection,
  readControls,
  readEach,
  readQueueKeys,
  readQueueSamples,
  startHeartbeat,
} from '@reveille/queue';
import type { AppQueue, RedisClient } from '@reveille/queue';
import { createStormControl } from '@reveille/rejections';
import { closeServer, listen, serveRole, type RoleContext, type RunningRole } from '@reveille/role';

import { BOARD_PATH, createAdminApp } from './admin-app';
import { createAdminLogin } from './admin-login';
import { createAdminServices, type AdminSettings } from './admin-services';
import { createBoard } from './board/create-board';
import { createDeniedAudit } from './board/denied-audit';
import { createGuard } from './guard';
import { createPage } from './page';
import { createRoutes } from './route-table';

export type { AdminSettings } from './admin-services';

/** A probe waits about this long. Milliseconds. */
const READINESS_TIMEOUT_MS = 1_000;
/** People and probes ask here, and their requests are small. Milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;
/** At the end: for requests under way. Milliseconds. */
export const CLOSE_GRACE_MS = 5_000;
/** Beside the built `main.js`. */
const PAGE_DIRECTORY = 'public';

export interface AdminOptions {
  /** Where the built web page is; absent: beside this file. */
  readonly pageDirectory?: string;
}

/**
 * The admin role: the queues, the failed pushes and what to do about them, over HTTP. Redis may be away: then it is not ready.
 * Rejects if a port is taken.
 */
export async function startAdmin(context: RoleContext<AdminSettings>, options: AdminOptions = {}): Promise<RunningRole> {
  const { settings, logger } = context;
  const { admin } = settings;
  const { prefix } = settings.redis;
  let draining = false;

  const redis = connectProducer(context.redis);
  logConnection(redis, logger);
  // A second connection, whose commands wait for Redis: a BullMQ queue that is made while Redis is away and whose first
  // command fails stays broken for ever. Its errors are those of the first, which are told already.
  const queueRedis = connectWorker(context.redis);
  const common = { prefix, redis: queueRedis, now: Date.now, onError: () => undefined };
  const queues = Object.keys(settings.apps).map((appKey) => createAppQueue({ ...common, appKey }));

  const readiness = createReadiness(
    { redis: () => checkWritable(redis, prefix) },
    { timeoutMs: READINESS_TIMEOUT_MS, isDraining: () => draining },
  );
  const reachable = createReadiness({ redis: () => checkReachable(redis) }, { timeoutMs: READINESS_TIMEOUT_MS });
  const isReachable = async (): Promise<boolean> => (await reachable()).ready;
  const metrics = createMetrics({ settings, queues, queueRedis, isReachable });
  metrics.observeRedis(async () => (await readiness()).ready);
  const endHeartbeat = startHeartbeat({ redis, prefix, role: 'admin' });

  const services = createAdminServices({ settings, logger, redis, queueRedis, queues, reachable, now: Date.now });
  const ending = new AbortController();
  const replaying = services.workOffReplays({ signal: ending.signal, onError: (error) => logger.warn({ error }, 'a replay waits') });
  const { authenticate, session } = createAdminLogin({ admin, environment: context.environment, redis, prefix, logger });
  const app = createAdminApp({
    routes: createRoutes({ ...services, version: VERSION, readiness, session }),
    guard: createGuard(authenticate),
    surroundings: { trustedProxies: admin.trusted_proxies, publicUrl: admin.public_url },
    board: createBoard({ path: BOARD_PATH, queues, isReachable, onDenied: createDeniedAudit(services.audit, Date.now) }),
    page: createPage(options.pageDirectory ?? join(__dirname, PAGE_DIRECTORY)),
    metrics,
    logger,
  });
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS }, app);
  return serveRole(context, {
    role: 'admin',
    registry: metrics.registry,
    readiness,
    listen: async () => ({ http: await listen(server, admin.bind_address, context.httpPort ?? admin.port) }),
    close: async () => {
      draining = true;
      await closeServer(server, CLOSE_GRACE_MS);
      ending.abort();
      await Promise.all([within(replaying, CLOSE_GRACE_MS, undefined), endHeartbeat()]);
      // First the connections: what still waits for Redis fails now, instead of keeping the queues from closing.
      redis.disconnect();
      queueRedis.disconnect();
      await Promise.allSettled(queues.map((queue) => queue.close()));
    },
  });
}

interface MetricsOptions {
  readonly settings: AdminSettings;
  readonly queues: readonly AppQueue[];
  readonly queueRedis: RedisClient;
  readonly isReachable: () => Promise<boolean>;
}

function createMetrics({ settings, queues, queueRedis, isReachable }: MetricsOptions): AdminMetrics {
  const { readStorm } = createStormControl({
    redis: queueRedis,
    baseOf: (queue) => appKeyBase(settings.redis.prefix, queue),
    queuesOf: (appKey) => readQueueKeys({ redis: queueRedis, prefix: settings.redis.prefix }, appKey),
    ttlMs: settings.rejections.ttl,
    now: Date.now,
  });
  const metrics = createAdminMetrics({ apps: Object.keys(settings.apps) });
  const sampleQueues = readEach(queues, async (queue) => {
    const [samples, { draining }] = await Promise.all([
      sampleQueue(queue, metrics),
      readControls({ redis: queueRedis, prefix: settings.redis.prefix }, queue.appKey),
    ]);
    metrics.setDraining(queue.appKey, draining);
    return samples;
  });
  const sampleStorms = readEach(queues, async ({ appKey }) => ({ app: appKey, storm: await readStorm(appKey) }));
  metrics.observeQueues(async () => ((await isReachable()) ? (await sampleQueues()).flat() : []));
  metrics.observeStorms(async () => {
    if (!(await isReachable())) return [];
    return (await sampleStorms()).flatMap(({ app, storm }) => (storm ? [{ app, held: storm.held }] : []));
  });
  return metrics;
}

async function sampleQueue(queue: AppQueue, metrics: AdminMetrics): Promise<QueueSample[]> {
  const [samples, gate, { difference }] = await Promise.all([readQueueSamples(queue), queue.gate.read(), queue.ledger()]);
  metrics.setGate(queue.appKey, gate);
  metrics.setLedgerDifference(queue.appKey, difference);
  return samples;
}
