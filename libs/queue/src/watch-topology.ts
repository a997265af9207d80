import { Cluster } from 'ioredis';
import type { RedisClient } from './connect-redis';

/**
 * Lets one client look at the Cluster for all that were made from it: after each of its looks, those that still believe in other
 * masters look too, until they agree (the node that they ask may not have heard yet). A blocking read on a master that hangs notices
 * it late (BullMQ's own watch on it), and a look of each of them would cost a connection and a millisecond every few seconds.
 */
export function watchTopology(connections: readonly RedisClient[]): void {
  const [first] = connections;
  if (!(first instanceof Cluster)) return;
  first.on('refresh', () => {
    const masters = mastersOf(first);
    for (const each of connections.slice(1)) {
      if (each instanceof Cluster && each.status === 'ready' && mastersOf(each) !== masters) each.refreshSlotsCache();
    }
  });
}

function mastersOf(cluster: Cluster): string {
  return cluster
    .nodes('master')
    .map(({ options }) => `${options.host}:${options.port}`)
    .sort()
    .join();
}
