import { appLimits } from '@reveille/config';
import { createFailedPushes, createReplays, readServedApps } from '@reveille/queue';
import type { FailedPushes, Replays } from '@reveille/queue';
import { rejectionLook } from '@reveille/rejections';

import { relayCodec } from './relay-codec';
import type { RelayRedis } from './with-relay-redis';

/** Keys of all apps, also of those that have left the configuration. */
export async function allApps(relay: RelayRedis): Promise<readonly string[]> {
  const served = (await readServedApps(relay)).map(({ appKey }) => appKey);
  return [...new Set([...relay.apps, ...served])];
}

/** The failed pushes of all apps. */
export function failedPushesOf(relay: RelayRedis): FailedPushes {
  const { redis, prefix } = relay;
  return createFailedPushes({ redis, prefix, apps: () => allApps(relay), codec: relayCodec(relay) });
}

/** Replays, as the admin of the same configuration makes them. */
export function replaysOf(relay: RelayRedis): Replays {
  const { redis, prefix, settings } = relay;
  const limits = new Map(Object.entries(settings.apps).map(([key, app]) => [key, appLimits(app, settings)]));
  return createReplays({
    redis,
    prefix,
    failed: failedPushesOf(relay),
    apps: () => allApps(relay),
    limits: (appKey) => limits.get(appKey),
    codec: relayCodec(relay),
    look: rejectionLook,
    duplicateWindowMs: settings.dedupe.window,
  });
}
