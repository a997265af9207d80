import { compileAppRoutes } from '@reveille/config';
import type { IngressMetrics, Logger } from '@reveille/observability';
import { describeRedisFailure, noteServedApps, readServedApps, type RedisClient } from '@reveille/queue';

export interface FormerAppsOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  /** The keys of `apps` as configured now. */
  readonly appKeys: readonly string[];
  /** How long an app that is configured no more counts as removed by mistake, in milliseconds; 0: not at all. */
  readonly graceMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly logger: Logger;
}

/** What is known of apps that some ingress served until lately and this one does not. */
export interface FormerApps {
  /** False until the list was read once: nobody is to be called unknown before. */
  readonly isRead: () => boolean;
  /** The former key (exact or glob) that an app id was served by within the grace. */
  readonly find: (appId: string) => string | undefined;
  /**
   * Of configured globs that all match an app id: the one that served it before another was added, within the grace. Two globs
   * that were configured together never served it.
   */
  readonly servedBefore: (appKeys: readonly string[]) => string | undefined;
  readonly close: () => void;
}

/** How often our own apps are noted, in milliseconds: so exact is the time at which one was served last. */
const NOTE_MS = 60_000;
/** How often the list is read, in milliseconds: so late an app is known that another process has begun to serve. */
const READ_MS = 15_000;
/** Until it was read once, in milliseconds. */
const RETRY_MS = 1000;
/** Processes of one deployment note their apps this close together, in milliseconds. */
const SAME_DEPLOYMENT_MS = 60_000;

/** Notes the apps of this process on Redis, and keeps what the list says of others. */
export function keepFormerApps(options: FormerAppsOptions): FormerApps {
  const { redis, prefix, appKeys, graceMs, now, logger } = options;
  const configured = new Set(appKeys);
  /** Only ever grows: a Redis that comes back empty makes nobody forget. */
  const servedAt = new Map<string, number>();
  const servedSince = new Map<string, number>();
  let isRead = false;
  let matchFormer = compileAppRoutes([]);

  const isWithinGrace = (key: string): boolean => now() - (servedAt.get(key) ?? -Infinity) < graceMs;
  const note = async (): Promise<void> => {
    for (const appKey of appKeys) if (!servedSince.has(appKey)) servedSince.set(appKey, now());
    try {
      await noteServedApps({ redis, prefix }, appKeys, now());
    } catch (error) {
      logger.warn({ reason: describeRedisFailure(error) }, 'the apps of this process could not be noted as served');
    }
  };
  const read = async (): Promise<void> => {
    try {
      for (const app of await readServedApps({ redis, prefix })) {
        servedSince.set(app.appKey, Math.min(app.servedSince, servedSince.get(app.appKey) ?? Infinity));
        if (!configured.has(app.appKey)) servedAt.set(app.appKey, Math.max(app.servedAt, servedAt.get(app.appKey) ?? 0));
      }
      // Without those that are too old: an exact one would hide a glob that served the app id after it.
      matchFormer = compileAppRoutes([...servedAt.keys()].filter(isWithinGrace));
      isRead = true;
    } catch (error) {
      // While it was never read, readiness says so.
      if (isRead) logger.warn({ reason: describeRedisFailure(error) }, 'the list of served apps could not be read');
    }
  };
  const onReady = (): void => {
    void note();
    void read();
  };
  // One that the list does not have yet is as new as can be.
  const sinceOf = (key: string): number => servedSince.get(key) ?? now();
  const bySince = (a: string, b: string): number => sinceOf(a) - sinceOf(b);
  redis.on('ready', onReady);
  if (redis.status === 'ready') onReady();
  const timers = [
    setInterval(() => void note(), NOTE_MS),
    setInterval(() => void read(), READ_MS),
    setInterval(() => !isRead && redis.status === 'ready' && void read(), RETRY_MS),
  ];
  for (const timer of timers) timer.unref();

  return {
    isRead: () => isRead,
    find(appId) {
      const route = matchFormer(appId);
      switch (route.kind) {
        case 'exact':
        case 'glob':
          return isWithinGrace(route.key) ? route.key : undefined;
        case 'ambiguous':
          return route.keys.find(isWithinGrace);
        case 'none':
          return undefined;
        default:
          return route satisfies never;
      }
    },
    servedBefore(keys) {
      const [oldest, newest] = [keys.toSorted(bySince)[0], keys.toSorted(bySince).at(-1)];
      if (oldest === undefined || newest === undefined) return undefined;
      const isLater = sinceOf(newest) - sinceOf(oldest) > SAME_DEPLOYMENT_MS;
      return isLater && now() - sinceOf(newest) < graceMs ? oldest : undefined;
    },
    close() {
      for (const timer of timers) clearInterval(timer);
      redis.off('ready', onReady);
    },
  };
}

export interface RemovedAppAlarmOptions {
  readonly metrics: Pick<IngressMetrics, 'removedApp'>;
  readonly logger: Logger;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** How often one app is complained of in the log, in milliseconds. */
const ALARM_MS = 60_000;

/** Called for each push that is dropped because its app was removed: counts all, and logs now and then. */
export function createRemovedAppAlarm({ metrics, logger, now }: RemovedAppAlarmOptions): (appKey: string) => void {
  const alarmedAt = new Map<string, number>();
  return (appKey) => {
    metrics.removedApp(appKey);
    if (now() - (alarmedAt.get(appKey) ?? -Infinity) < ALARM_MS) return;
    alarmedAt.set(appKey, now());
    logger.error(
      { app: appKey },
      'pushes come for an app that was removed from the configuration, or that several globs match now: they are dropped, and its pushkeys will be rejected after removed_app_grace; put it right if that is a mistake',
    );
  };
}
