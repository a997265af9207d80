import type { RedisAddress } from '@reveille/config';
import { Redis } from 'ioredis';
import type { RedisClient } from './connect-redis';

/** What a Sentinel says when a master has a successor: `<name> <old ip> <old port> <new ip> <new port>`. */
const SWITCHED = '+switch-master';
/** Pause before a Sentinel that went away is listened to again, in milliseconds. */
const RECONNECT_MS = 2000;
const CONNECT_TIMEOUT_MS = 2000;
const DISCONNECT_TIMEOUT_MS = 200;

/**
 * Leaves a master as soon as the Sentinels name another one. A master that hangs keeps its connections open, and a worker's
 * blocking read would wait on it for half a minute.
 *
 * ioredis has the like (`failoverDetector`), but with three more connections for each of its own, and with errors that it
 * prints to the console. Here the connections that BullMQ makes from the first one share its watch, which ends with it.
 */
export function watchFailovers(connections: readonly RedisClient[], address: Extract<RedisAddress, { sentinels: unknown }>): void {
  let master = '';
  const listeners = address.sentinels.map(({ host, port }) => {
    const listener = new Redis({
      host,
      port,
      ...(address.sentinelUsername !== undefined && { username: address.sentinelUsername }),
      ...(address.sentinelPassword !== undefined && { password: address.sentinelPassword }),
      ...(address.tls && { tls: { ...address.tls, rejectUnauthorized: true } }),
      connectTimeout: CONNECT_TIMEOUT_MS,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
      retryStrategy: () => RECONNECT_MS,
      maxRetriesPerRequest: null,
      // A Sentinel has no databases to load, and INFO may be beyond its user's rights.
      enableReadyCheck: false,
    });
    listener.on('error', ignore);
    listener.on('message', (_channel, text: string) => {
      const [name, , , ip, masterPort] = text.split(' ');
      const successor = `${ip}:${masterPort}`;
      // Each Sentinel says it; the first one is believed.
      if (name !== address.name || successor === master) return;
      master = successor;
      for (const connection of connections) leave(connection);
    });
    listener.subscribe(SWITCHED).catch(ignore);
    return listener;
  });
  connections[0]?.once('end', () => {
    for (const listener of listeners) listener.disconnect();
  });
}

/** ioredis gives a connection up for good that is told to leave while it asks the Sentinels: that one asks them anyway. */
function leave(redis: RedisClient): void {
  if (redis.status === 'ready' || redis.status === 'connect') redis.disconnect(true);
}

/** Every command that fails says so to its caller; a Sentinel that is away is asked again. */
function ignore(): void {
  // see above
}
