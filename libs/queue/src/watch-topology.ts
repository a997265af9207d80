import { Cluster } from 'ioredis';
import type { RedisClient } from './connect-redis';

/**
 * Lets one client look at the Cluster for all that were made from it: when its look finds other masters than before, they look
 * too. A blocking read on a master that hangs notices it late (BullMQ's own watch on it), and a look of each of them would cost a
 * connection and a millisecond every few seconds.
 */
export function watchTopology(connections: readonly RedisClient[]): void {
  const [first] = connections;
  if (!(first instanceof Cluster)) return;
  let masters = '';
  first.on('refresh', () => {
    const seen = first.nodes('master').map(({ options }) => `${options.host}:${options.port}`).sort().join();
    if (seen === masters) return;
    masters = seen;
    for (const each of connections.slice(1)) if (each instanceof Cluster && each.status === 'ready') each.refreshSlotsCache();
  });
}
