import { Redis, type Cluster } from 'ioredis';

type Client = Redis | Cluster;

/**
 * The connections that BullMQ makes from one of ours, each for a blocking read: they end when ours does. Its own attempt to close one
 * waits for an answer, and on a Cluster a command whose slot nobody serves is tried for as long as there is somebody to try.
 * Returns all of them so far, the first one included.
 */
export function followDuplicates(redis: Client): readonly Client[] {
  const connections = [redis];
  follow(redis, connections);
  redis.once('end', () => {
    for (const each of connections) each.disconnect();
  });
  return connections;
}

function follow(redis: Client, connections: Client[]): void {
  const keep = <T extends Client>(copy: T): T => {
    connections.push(copy);
    follow(copy, connections);
    return copy;
  };
  if (redis instanceof Redis) {
    const duplicate = redis.duplicate.bind(redis);
    redis.duplicate = (override) => keep(duplicate(override));
  } else {
    const duplicate = redis.duplicate.bind(redis);
    // The first one looks at the Cluster for all (see watch-topology.ts).
    redis.duplicate = (nodes, override) => keep(duplicate(nodes, { ...override, slotsRefreshInterval: 0 }));
  }
}
