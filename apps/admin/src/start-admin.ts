import { createServer } from 'node:http';

import type { CommonAppSettings, Settings } from '@reveille/config';
import { createAdminMetrics, createReadiness, OperationalError, within } from '@reveille/observability';
import type { AdminMetrics, QueueSample } from '@reveille/observability';
import {
  appKeyBase,
  checkReachable,
  checkWritable,
  connectProducer,
  connectWorker,
  createAppQueue,
  logConnection,
  readEach,
  readQueueSamples,
} from '@reveille/queue';
import type { AppQueue } from '@reveille/queue';
import { createStormControl } from '@reveille/rejections';
import { closeServer, listen, serveRole, type RoleContext, type RunningRole } from '@reveille/role';

import { createAdminApp } from './admin-app';
import { readAppOverview, type AppOverview } from './app-overview';

export type AdminSettings = Settings<CommonAppSettings>;

/** A probe waits about this long. Milliseconds. */
const READINESS_TIMEOUT_MS = 1_000;
/** A Redis that took the connection but does not answer must not hang the page. Milliseconds. */
const READ_TIMEOUT_MS = 2_000;
/** People and probes ask here, and their requests are small. Milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;
/** At the end: for requests under way. Milliseconds. */
export const CLOSE_GRACE_MS = 5_000;

/** The admin role: shows the queues. Redis may be away: then it is not ready. Rejects if a port is taken. */
export async function startAdmin(context: RoleContext<AdminSettings>): Promise<RunningRole> {
  const { settings, logger } = context;
  const prefix = settings.redis.prefix;
  const apps = Object.keys(settings.apps);
  let draining = false;

  const redis = connectProducer(context.redis);
  logConnection(redis, logger);
  // A second connection, whose commands wait for Redis: a BullMQ queue that is made while Redis is away and whose first
  // command fails stays broken for ever. Its errors are those of the first, which are told already.
  const queueRedis = connectWorker(context.redis);
  const common = { prefix, redis: queueRedis, now: Date.now, onError: () => undefined };
  const queues = apps.map((appKey) => createAppQueue({ ...common, appKey }));
  const { readStorm } = createStormControl({
    redis: queueRedis,
    baseOf: (appKey) => appKeyBase(prefix, appKey),
    ttlMs: settings.rejections.ttl,
    now: Date.now,
  });

  const readiness = createReadiness(
    { redis: () => checkWritable(redis, prefix) },
    { timeoutMs: READINESS_TIMEOUT_MS, isDraining: () => draining },
  );
  const reachable = createReadiness({ redis: () => checkReachable(redis) }, { timeoutMs: READINESS_TIMEOUT_MS });
  const readAll = async <Value>(read: (queue: AppQueue) => Promise<Value>): Promise<Value[]> => {
    // Asked first, so that no commands pile up for a Redis that is away. One that is full or read-only can still be read,
    // which is when an operator wants to.
    const { ready, reasons } = await reachable();
    if (!ready) throw new OperationalError('redis_unavailable', reasons.join('; '));
    return inTime(Promise.all(queues.map(read)), READ_TIMEOUT_MS);
  };

  const metrics = createAdminMetrics({ apps });
  metrics.observeRedis(async () => (await readiness()).ready);
  const sampleQueues = readEach(queues, (queue) => sampleQueue(queue, metrics));
  const sampleStorms = readEach(queues, async ({ appKey }) => ({ app: appKey, storm: await readStorm(appKey) }));
  metrics.observeQueues(async () => ((await reachable()).ready ? (await sampleQueues()).flat() : []));
  metrics.observeStorms(async () => {
    if (!(await reachable()).ready) return [];
    return (await sampleStorms()).flatMap(({ app, storm }) => (storm ? [{ app, held: storm.held }] : []));
  });

  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS },
    createAdminApp({
      readApps: (): Promise<AppOverview[]> => readAll((queue) => readAppOverview(queue, readStorm)),
      readiness,
      metrics,
      logger,
    }),
  );
  return serveRole(context, {
    role: 'admin',
    registry: metrics.registry,
    readiness,
    listen: async () => ({
      http: await listen(server, settings.admin.bind_address, context.httpPort ?? settings.admin.port),
    }),
    close: async () => {
      draining = true;
      await closeServer(server, CLOSE_GRACE_MS);
      // First the connections: what still waits for Redis fails now, instead of keeping the queues from closing.
      redis.disconnect();
      queueRedis.disconnect();
      await Promise.allSettled(queues.map((queue) => queue.close()));
    },
  });
}

async function sampleQueue(queue: AppQueue, metrics: AdminMetrics): Promise<QueueSample[]> {
  const [samples, gate, { difference }] = await Promise.all([readQueueSamples(queue), queue.gate.read(), queue.ledger()]);
  metrics.setGate(queue.appKey, gate);
  metrics.setLedgerDifference(queue.appKey, difference);
  return samples;
}

const LATE = Symbol('late');

/** Rejects when `promise` takes longer than `timeoutMs`. */
async function inTime<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value> {
  const value = await within(promise, timeoutMs, LATE);
  if (value === LATE) throw new OperationalError('redis_timeout', `no answer of Redis in ${timeoutMs} ms`);
  return value;
}
