import { appLimits, sealingKeys, type CommonAppSettings, type Settings } from '@reveille/config';
import { createIngressMetrics, createReadiness, processName } from '@reveille/observability';
import {
  checkWritable,
  connectProducer,
  createDispatchCodec,
  createEnqueueDispatches,
  createSharedClock,
  createStatsRecorder,
  findEvictionPolicy,
  keepPartitionsNoted,
  logConnection,
  queueOfDevice,
  startHeartbeat,
  type RedisClient,
} from '@reveille/queue';
import { keepHashKey, rejectionGuard } from '@reveille/rejections';
import { acceptNotification, createKeyedHash, type AcceptDeps } from '@reveille/relay';
import { closeServer, listen, serveRole, type RoleContext, type RunningRole } from '@reveille/role';
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { IncomingMessage, Server } from 'node:http';
import { createAppRouter } from './app-router';
import { createBodyBudget } from './body-budget';
import { createConnectionLimit } from './connection-limit';
import { countInFlight, countStatistics } from './count-statistics';
import { createFairScheduler } from './fair-scheduler';
import { createRemovedAppAlarm, keepFormerApps } from './former-apps';
import { createHttpServer } from './http-server';
import { createIngressApp } from './ingress-app';
import { createLater } from './later';
import { limitAdmissions } from './limit-admissions';
import { createQueueShare } from './queue-share';
import { createRateLimits } from './rate-limits';
import { createNotifyHandler, NOTIFY_PATH } from './routes/notify';
import { sourceAddress } from './source-address';

export type IngressSettings = Settings<CommonAppSettings>;

/** Redis answers in a millisecond; a homeserver that waits is answered 503 after this long, in milliseconds. */
const ENQUEUE_TIMEOUT_MS = 1500;
const READINESS_TIMEOUT_MS = 1000;
/** For an app that is not configured: it has no queue. */
const NO_QUEUE = { count: 0, ageMs: 0 };
/** Requests whose work begins in one turn of the event loop: some 10 ms, then the sockets are looked at again. */
const REQUESTS_PER_TURN = 64;
/** Under strain a turn of some 3 ms, for a tenth less throughput. */
const REQUESTS_PER_STRAINED_TURN = 16;
/** A request that has waited so long for its turn is refused, in milliseconds: with the enqueueing it stays below 5 s. */
const MAX_WAIT_MS = 3000;
/** How late a request is told that it is refused, in milliseconds, and how many wait for that at once. */
const REFUSAL_DELAY_MS = 500;
const MAX_DELAYED = 10_000;
/** Who was refused for our load comes again after at least this, and at most this and as much again, in milliseconds. */
const RETRY_AFTER_MS = 2000;

/** The ingress role: homeservers in, dispatches into Redis, an answer. Holds no state of its own. */
export async function startIngress(context: RoleContext<IngressSettings>): Promise<RunningRole> {
  const { settings, logger } = context;
  const { http } = settings;
  const prefix = settings.redis.prefix;
  const apps = Object.keys(settings.apps);
  let draining = false;

  const redis = connectProducer(context.redis);
  logConnection(redis, logger);
  const clock = createSharedClock({ redis });
  let isClockSet = false;
  void clock.synchronised.then(() => (isClockSet = true));
  const hash = keepHashKey({
    redis,
    prefix,
    configured: settings.privacy.hash_key,
    createHash: createKeyedHash,
    onFailure: (error) => logger.warn({ error }, 'the hash key could not be loaded'),
  });
  redis.on('ready', () => void warnOfEviction(context, redis));
  const formerApps = keepFormerApps({
    redis,
    prefix,
    appKeys: apps,
    graceMs: settings.removed_app_grace,
    now: clock.now,
    logger,
  });

  const limits = new Map(Object.entries(settings.apps).map(([key, app]) => [key, appLimits(app, settings)]));
  const partitionsOf = (appKey: string): number => limits.get(appKey)?.partitions ?? 1;
  const queueOf = (appKey: string, deviceHash: string): string => queueOfDevice(appKey, deviceHash, partitionsOf(appKey));
  const partitions = keepPartitionsNoted({
    redis,
    prefix,
    partitions: new Map([...limits].map(([key, limit]) => [key, limit.partitions])),
    now: clock.now,
    onFailure: (error) => logger.warn({ error }, 'the partitions of the apps could not be noted'),
  });

  const stats = createStatsRecorder({ redis, prefix, now: clock.now });
  const { metrics, inFlight } = countInFlight(countStatistics(createIngressMetrics({ apps }), stats));
  const endHeartbeat = startHeartbeat({ redis, prefix, role: 'ingress', inFlight });
  const readiness = createReadiness(
    {
      redis: () => checkWritable(redis, prefix),
      'hash key': () => Promise.resolve(hash.current() ? true : 'not loaded yet'),
      partitions: () => Promise.resolve(partitions.isNoted() ? true : 'not noted yet'),
      'served apps': () => Promise.resolve(formerApps.isRead() ? true : 'not read yet'),
    },
    { timeoutMs: READINESS_TIMEOUT_MS, isDraining: () => draining },
  );
  metrics.observeRedis(async () => (await checkWritable(redis, prefix)) === true);

  const share = createQueueShare({ now: monotonic, random: Math.random });
  const rates = createRateLimits({ redis, prefix, limits: settings.limits });
  const retryAfterMs = (): number => RETRY_AFTER_MS * (1 + Math.random());
  const enqueueDispatches = createEnqueueDispatches({
    redis,
    prefix,
    guard: rejectionGuard,
    codec: createDispatchCodec({ keys: sealingKeys(settings.privacy) }),
    duplicateWindowMs: settings.dedupe.window,
    partitions: partitionsOf,
    queueLimit: (appKey) => limits.get(appKey)?.queueLimit ?? NO_QUEUE,
    onFill: share.onFill,
    countsMaxAgeMs: (appKey) => limits.get(appKey)?.maxAgeMs.counts ?? settings.max_age.counts,
    ...(settings.explain.enabled && {
      explain: { keepMs: settings.explain.keep, maxPushes: settings.explain.max_pushes, ingress: processName() },
    }),
    waitForReplicas: settings.redis.wait_for_replicas,
    timeoutMs: ENQUEUE_TIMEOUT_MS,
    now: clock.now,
  });
  const enqueueFor = limitAdmissions({ enqueueDispatches, share, queueOf, pushkeyRate: rates.pushkey, retryAfterMs, metrics });
  const deps: Omit<AcceptDeps, 'hashDevice' | 'hashEvent' | 'hashRoom' | 'enqueueDispatches'> = {
    routeApp: createAppRouter({
      apps: [...limits].map(([key, { maxAgeMs, content }]) => ({ key, maxAgeMs, content })),
      formerApps,
    }),
    unknownApp: settings.unknown_app,
    newId: randomUUID,
    nextTurn: setImmediate,
    now: clock.now,
  };
  const scheduler = createFairScheduler({
    concurrency: http.concurrency,
    perTurn: REQUESTS_PER_TURN,
    perStrainedTurn: REQUESTS_PER_STRAINED_TURN,
    nextTurn: (callback) => void setImmediate().then(callback),
    maxInFlight: http.max_in_flight,
    maxWaitMs: MAX_WAIT_MS,
    now: monotonic,
  });
  const connections = createConnectionLimit(http.max_connections, metrics.connectionRefused);
  metrics.observeLoad({ waiting: scheduler.waiting, connections: connections.open });
  const notify = createNotifyHandler({
    bodyLimit: http.body_limit,
    accept: async (notification, source) => {
      const keyed = hash.current();
      // Deadlines are made by a clock that all processes share.
      if (!keyed || !isClockSet || !partitions.isNoted()) return { ok: false, reason: 'unavailable', detail: 'starting' };
      return acceptNotification(notification, {
        ...deps,
        enqueueDispatches: enqueueFor(source),
        hashDevice: keyed.device,
        hashEvent: keyed.event,
        hashRoom: keyed.room,
      });
    },
    isDraining: () => draining,
    sourceOf: sourceAddress(http.trust_proxy, () =>
      logger.warn('a proxy of http.trust_proxy passes on something in X-Forwarded-For that is no address: its senders count as one'),
    ),
    scheduler,
    bodyBudget: createBodyBudget(http.body_budget),
    sourceRate: rates.source,
    retryAfterMs,
    later: createLater({ delayMs: REFUSAL_DELAY_MS, max: MAX_DELAYED }),
    onRemovedApp: createRemovedAppAlarm({ metrics, logger, now: monotonic }),
    metrics,
    logger,
  });
  const app = createIngressApp({ trustProxy: http.trust_proxy, readiness, logger });

  const servers = http.bind_addresses.map(() =>
    createHttpServer({
      http,
      connections,
      onPipelining: metrics.connectionRefused,
      onRequest: (request, response, beforeBody) => {
        if (isNotify(request)) notify(request, response, beforeBody);
        else app(request, response);
      },
    }),
  );
  return serveRole(context, {
    role: 'ingress',
    registry: metrics.registry,
    readiness,
    listen: async () => {
      const urls = await listenOnAll(servers, http.bind_addresses, context.httpPort ?? http.port);
      return { http: urls[0] ?? '' };
    },
    close: async () => {
      draining = true;
      await Promise.all(servers.map((server) => closeServer(server, http.shutdown_grace)));
      await Promise.all([stats.close(), endHeartbeat()]);
      formerApps.close();
      partitions.close();
      clock.stop();
      redis.disconnect();
    },
  });
}

function isNotify(request: IncomingMessage): boolean {
  const { method, url = '' } = request;
  if (method !== 'POST' || !url.startsWith(NOTIFY_PATH)) return false;
  return url.length === NOTIFY_PATH.length || url[NOTIFY_PATH.length] === '?';
}

async function listenOnAll(servers: readonly Server[], addresses: readonly string[], port: number): Promise<string[]> {
  return Promise.all(servers.map((server, index) => listen(server, addresses[index] ?? '127.0.0.1', port)));
}

/** Milliseconds since some start, whatever becomes of the clock. */
function monotonic(): number {
  return performance.now();
}

async function warnOfEviction({ logger }: RoleContext<IngressSettings>, redis: RedisClient) {
  const policy = await findEvictionPolicy(redis).catch(() => undefined);
  if (policy === undefined) return;
  logger.error({ policy }, 'Redis evicts keys when it is full: acknowledged pushes can be lost; set maxmemory-policy noeviction');
}
