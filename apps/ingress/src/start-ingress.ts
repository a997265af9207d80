import { appLimits, compileAppRoutes, sealingKeys, type CommonAppSettings, type Settings } from '@reveille/config';
import { createIngressMetrics, createReadiness } from '@reveille/observability';
import {
  checkWritable,
  connectProducer,
  createDispatchCodec,
  createEnqueueDispatches,
  findEvictionPolicy,
  logConnection,
} from '@reveille/queue';
import { rejectionGuard } from '@reveille/rejections';
import { acceptNotification, type AcceptDeps, type AppPolicy, type AppRoute } from '@reveille/relay';
import { closeServer, listen, serveRole, type RoleContext, type RunningRole } from '@reveille/role';
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { keepHashKey } from './hash-key';
import { createIngressApp } from './ingress-app';
import { createNotifyHandler, NOTIFY_PATH } from './routes/notify';
import { sourceAddress } from './source-address';

export type IngressSettings = Settings<CommonAppSettings>;

/** Redis answers in a millisecond; a homeserver that waits is answered 503 after this long, in milliseconds. */
const ENQUEUE_TIMEOUT_MS = 1500;
const READINESS_TIMEOUT_MS = 1000;
/** For an app that is not configured: it has no queue. */
const NO_QUEUE = { count: 0, ageMs: 0 };
/** How late a slow client is noticed past its timeouts, in milliseconds (Node's own default is 30 s). */
const SLOW_CLIENT_CHECK_MS = 1000;

/** The ingress role: homeservers in, dispatches into Redis, an answer. Holds no state of its own. */
export async function startIngress(context: RoleContext<IngressSettings>): Promise<RunningRole> {
  const { settings, logger } = context;
  const { http } = settings;
  const prefix = settings.redis.prefix;
  const apps = Object.keys(settings.apps);
  let draining = false;

  const redis = connectProducer(context.redis);
  logConnection(redis, logger);
  const hash = keepHashKey({ redis, prefix, logger, configured: settings.privacy.hash_key });
  redis.on('ready', () => void warnOfEviction(context, redis));

  const metrics = createIngressMetrics({ apps });
  const readiness = createReadiness(
    {
      redis: () => checkWritable(redis, prefix),
      'hash key': () => Promise.resolve(hash.current() ? true : 'not loaded yet'),
    },
    { timeoutMs: READINESS_TIMEOUT_MS, isDraining: () => draining },
  );
  metrics.observeRedis(async () => (await checkWritable(redis, prefix)) === true);

  const limits = new Map(Object.entries(settings.apps).map(([key, app]) => [key, appLimits(app, settings)]));
  const deps: Omit<AcceptDeps, 'hashDevice' | 'hashEvent'> = {
    routeApp: createRouter(limits),
    unknownApp: settings.unknown_app,
    newId: randomUUID,
    now: Date.now,
    enqueueDispatches: createEnqueueDispatches({
      redis,
      prefix,
      guard: rejectionGuard,
      codec: createDispatchCodec({ keys: sealingKeys(settings.privacy) }),
      duplicateWindowMs: settings.dedupe.window,
      queueLimit: (appKey) => limits.get(appKey)?.queueLimit ?? NO_QUEUE,
      countsMaxAgeMs: (appKey) => limits.get(appKey)?.maxAgeMs.counts ?? settings.max_age.counts,
      timeoutMs: ENQUEUE_TIMEOUT_MS,
      now: Date.now,
    }),
  };
  const notify = createNotifyHandler({
    bodyLimit: http.body_limit,
    accept: async (notification) => {
      const keyed = hash.current();
      if (!keyed) return { ok: false, reason: 'unavailable', detail: 'starting' };
      return acceptNotification(notification, { ...deps, hashDevice: keyed.device, hashEvent: keyed.event });
    },
    isDraining: () => draining,
    sourceOf: sourceAddress(http.trust_proxy),
    metrics,
    logger,
  });
  const app = createIngressApp({ trustProxy: http.trust_proxy, readiness, logger });

  const servers = http.bind_addresses.map(() =>
    createServer(
      {
        requestTimeout: http.request_timeout,
        headersTimeout: Math.min(http.headers_timeout, http.request_timeout),
        keepAliveTimeout: http.keep_alive_timeout,
        connectionsCheckingInterval: SLOW_CLIENT_CHECK_MS,
      },
      (request, response) => {
        if (isNotify(request)) notify(request, response);
        else app(request, response);
      },
    ),
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

function createRouter(limits: ReadonlyMap<string, Required<Omit<AppPolicy, 'key'>>>) {
  const match = compileAppRoutes([...limits.keys()]);
  const routes = new Map(
    [...limits].map(([key, { maxAgeMs, content }]): [string, AppRoute] => [
      key,
      { kind: 'app', app: { key, maxAgeMs, content } },
    ]),
  );
  return (appId: string): AppRoute => {
    const found = match(appId);
    switch (found.kind) {
      case 'exact':
      case 'glob':
        return routes.get(found.key) ?? { kind: 'none' };
      case 'none':
      case 'ambiguous':
        return { kind: found.kind };
      default:
        return found satisfies never;
    }
  };
}

async function warnOfEviction({ logger }: RoleContext<IngressSettings>, redis: Parameters<typeof findEvictionPolicy>[0]) {
  const policy = await findEvictionPolicy(redis).catch(() => undefined);
  if (policy === undefined) return;
  logger.error({ policy }, 'Redis evicts keys when it is full: acknowledged pushes can be lost; set maxmemory-policy noeviction');
}
