import type { CommonAppSettings, Settings } from '@reveille/config';
import { OperationalError, within, type Logger, type Readiness } from '@reveille/observability';
import { createOperations } from '@reveille/operations';
import {
  appKeyBase,
  createAllGates,
  createAppGate,
  createStatsReader,
  readEach,
  readProcesses,
  readQueueKeys,
  readServedApps,
  setConcurrency,
  setDraining,
  type AppQueue,
  type Audit,
  type RedisClient,
  type Replays,
} from '@reveille/queue';
import { createStormControl, keepHashKey } from '@reveille/rejections';
import { createKeyedHash, type KeyedHash } from '@reveille/relay';

import { createAppDirectory } from './app-directory';
import { credentialViews, readMinutes, readStatistics } from './app-statistics';
import { createAppsOverview } from './apps-overview';
import type { RouteDeps } from './route-table';
import { readSystemView } from './system-view';

export type AdminSettings = Settings<CommonAppSettings>;

export interface AdminServicesOptions {
  readonly settings: AdminSettings;
  readonly logger: Logger;
  /** Commands fail at once while Redis is away: for everything that somebody waits for. */
  readonly redis: RedisClient;
  /** Commands wait for Redis. */
  readonly queueRedis: RedisClient;
  readonly queues: readonly AppQueue[];
  /** Whether Redis answers; one that is full or read-only does. */
  readonly reachable: () => Promise<Readiness>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** A Redis that took the connection but does not answer must not hang the page. Milliseconds. */
const READ_TIMEOUT_MS = 2_000;
/** A day of an app's minutes is a thousand reads the first time, and several apps are asked for at once. Milliseconds. */
const HISTORY_TIMEOUT_MS = 15_000;
/** Failed pushes of an app that was removed are looked for so much longer than they are kept, in milliseconds. */
const REMOVED_APP_MARGIN_MS = 86_400_000;

/** What the routes work with, beside the login. */
export interface AdminServices extends Pick<RouteDeps, 'apps' | 'failed' | 'replays' | 'rejections' | 'storms' | 'explain' | 'readSystem'> {
  readonly audit: Audit;
  /** To be worked off by this process. */
  readonly workOffReplays: Replays['work'];
}

export function createAdminServices(options: AdminServicesOptions): AdminServices {
  const { settings, logger, redis, queueRedis, queues, reachable, now } = options;
  const { prefix } = settings.redis;
  const baseOf = (appKey: string): string => appKeyBase(prefix, appKey);
  const queuesOf = (appKey: string): Promise<readonly string[]> => readQueueKeys({ redis, prefix }, appKey);
  const directory = createAppDirectory(Object.keys(settings.apps));
  const hash = keepHash(options);
  // Looks at Redis may wait for it here, since each is bounded below; what changes something never does, or it would be done
  // long after somebody was told that it was not.
  const lookStorms = createStormControl({ redis: queueRedis, baseOf, queuesOf, ttlMs: settings.rejections.ttl, now });
  const stats = createStatsReader({ redis: queueRedis, prefix, now });
  const overview = createAppsOverview({
    queues,
    redis: queueRedis,
    prefix,
    readStorm: lookStorms.readStorm,
    readStatistics: (appKey) => readStatistics(stats, appKey),
    readCredentials: async () => credentialViews(await readProcesses({ redis, prefix })),
  });
  // Asked first, so that no commands pile up for a Redis that is away. One that is full or read-only can still be read,
  // which is when an operator wants to.
  const whenReachable = async <Value>(read: () => Promise<Value>, timeoutMs = READ_TIMEOUT_MS): Promise<Value> => {
    const { ready, reasons } = await reachable();
    if (!ready) throw new OperationalError('redis_unavailable', reasons.join('; '));
    return inTime(read(), timeoutMs);
  };
  const lookAtStorms = readEach(queues, async ({ appKey }) => ({ app: appKey, storm: await lookStorms.readStorm(appKey) }));
  const removedApps = async (): Promise<readonly string[]> => {
    const since = now() - settings.dead_letters.max_age - REMOVED_APP_MARGIN_MS;
    const served = await readServedApps({ redis, prefix });
    return served.filter(({ appKey, servedAt }) => servedAt >= since && !directory.keys.includes(appKey)).map(({ appKey }) => appKey);
  };
  const { audit, failed, replays, explain, rejections, storms } = createOperations({
    ...{ redis, settings, now },
    apps: async () => [...directory.keys, ...(await removedApps())],
    onEntry: ({ actor, id, action, app, count, detail }) =>
      logger.info({ audit_id: id, actor: actor.name, actor_role: actor.role, via: actor.via, action, app, count, detail }, 'audit'),
  });
  const failedDeps = { failed, directory, removedApps, hash, now };

  return {
    audit,
    apps: {
      directory,
      audit,
      switches: {
        gate: (appKey) => {
          const find = async () => (await queuesOf(appKey)).map((queue) => createAppGate({ redis, base: baseOf(queue), now }));
          return createAllGates({ find, known: () => [] });
        },
        setDraining: (appKey, on) => setDraining({ redis, prefix }, appKey, on),
        setConcurrency: (appKey, limit) => setConcurrency({ redis, prefix }, appKey, limit),
      },
      readApp: (appKey) => overview.read(appKey),
      readApps: () => whenReachable(() => overview.readAll()),
      readMinutes: (appKey, hours) => whenReachable(() => readMinutes(stats, appKey, { hours, now: now() }), HISTORY_TIMEOUT_MS),
    },
    readSystem: () => readSystemView({ redis, prefix }),
    explain: { explain, directory, hash },
    failed: failedDeps,
    replays: { ...failedDeps, replays, audit },
    workOffReplays: (options) => replays.work(options),
    rejections: { memory: rejections, directory, audit, hash },
    storms: {
      directory,
      audit,
      storms,
      readStorms: () => whenReachable(async () => (await lookAtStorms()).flatMap(({ app, storm }) => (storm ? [{ app, storm }] : []))),
    },
  };
}

/** By the same key as every other process. */
function keepHash({ settings, logger, redis }: AdminServicesOptions): () => KeyedHash {
  const kept = keepHashKey({
    redis,
    prefix: settings.redis.prefix,
    configured: settings.privacy.hash_key,
    createHash: createKeyedHash,
    onFailure: (error) => logger.warn({ error }, 'the hash key could not be loaded'),
  });
  return () => {
    const hash = kept.current();
    if (!hash) throw new OperationalError('redis_unavailable', 'the hash key is on Redis and was not loaded yet');
    return hash;
  };
}

const LATE = Symbol('late');

async function inTime<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value> {
  const value = await within(promise, timeoutMs, LATE);
  if (value === LATE) throw new OperationalError('redis_timeout', `no answer of Redis in ${timeoutMs} ms`);
  return value;
}
