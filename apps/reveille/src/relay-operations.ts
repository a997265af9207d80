import { createOperations } from '@reveille/operations';
import type { Operations } from '@reveille/operations';
import { readServedApps } from '@reveille/queue';

import type { RelayRedis } from './with-relay-redis';

/** Keys of all apps, also of those that have left the configuration. */
export async function allApps(relay: RelayRedis): Promise<readonly string[]> {
  const served = (await readServedApps(relay)).map(({ appKey }) => appKey);
  return [...new Set([...relay.apps, ...served])];
}

/** As the admin of the same configuration has them, but for all apps that were ever served. */
export function operationsOf(relay: RelayRedis): Operations {
  const { redis, settings, now } = relay;
  return createOperations({ redis, settings, now, apps: () => allApps(relay) });
}
