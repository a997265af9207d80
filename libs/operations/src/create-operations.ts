import { appLimits, sealingKeys, type AppLimits, type CommonAppSettings, type Settings } from '@reveille/config';
import {
  appKeyBase,
  createAudit,
  createDispatchCodec,
  createExplain,
  createFailedPushes,
  createReplays,
  readQueueKeys,
  type Audit,
  type AuditOptions,
  type Explain,
  type FailedPushes,
  type RedisClient,
  type ReplayLimits,
  type Replays,
} from '@reveille/queue';
import { createRejectionMemory, createStormControl, rejectionLook, type RejectionMemory, type StormControl } from '@reveille/rejections';

export interface OperationsOptions extends Pick<AuditOptions, 'onEntry'> {
  readonly redis: RedisClient;
  readonly settings: Settings<CommonAppSettings>;
  /** Keys of the apps whose failed pushes are looked at: of the configuration, and of those that have left it. */
  readonly apps: () => Promise<readonly string[]>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What operators look at and change, beside the apps themselves. Everything rejects when Redis does. */
export interface Operations {
  readonly audit: Audit;
  readonly failed: FailedPushes;
  readonly replays: Replays;
  readonly explain: Explain;
  readonly rejections: RejectionMemory;
  readonly storms: StormControl;
}

/** The same on whatever door an operator knocks: each reads jobs, limits and keys as the other roles of the configuration do. */
export function createOperations({ redis, settings, apps, now, onEntry }: OperationsOptions): Operations {
  const { redis: { prefix }, privacy, explain: remembered, rejections, dedupe } = settings;
  const codec = createDispatchCodec({ keys: sealingKeys(privacy), requireSealed: privacy.require_sealed });
  const failed = createFailedPushes({ redis, prefix, apps, codec });
  const limits = new Map(Object.entries(settings.apps).map(([appKey, app]) => [appKey, replayLimits(appLimits(app, settings))]));
  const places = {
    redis,
    baseOf: (queue: string) => appKeyBase(prefix, queue),
    queuesOf: (appKey: string) => readQueueKeys({ redis, prefix }, appKey),
    ttlMs: rejections.ttl,
  };
  return {
    audit: createAudit({ redis, prefix, ...(onEntry && { onEntry }) }),
    failed,
    replays: createReplays({
      ...{ redis, prefix, failed, apps, codec },
      limits: (appKey) => limits.get(appKey),
      look: rejectionLook,
      duplicateWindowMs: dedupe.window,
    }),
    explain: createExplain({
      ...{ redis, prefix, codec, now },
      remembered: { enabled: remembered.enabled, keepMs: remembered.keep, maxPushes: remembered.max_pushes },
    }),
    rejections: createRejectionMemory(places),
    storms: createStormControl({ ...places, now }),
  };
}

function replayLimits({ maxAgeMs, queueLimit, partitions }: AppLimits): ReplayLimits {
  return { maxAgeMs, queueLimit: { count: Math.ceil(queueLimit.count / partitions) } };
}
