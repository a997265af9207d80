import { Redis } from 'ioredis';

/** A connection to Redis, as the adapters share it. */
export type RedisClient = Redis;

export interface RedisSettings {
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
}

/** Longest pause between two attempts to reach Redis again, in milliseconds. */
const RECONNECT_CAP_MS = 1000;
const CONNECT_TIMEOUT_MS = 2000;
const DISCONNECT_TIMEOUT_MS = 200;
/**
 * A connection that owes an answer and says nothing for so long (milliseconds) is dead, whatever TCP still believes: it is
 * given up, and a new one may lead to the server's successor. A worker's blocking read is silent for 10 s by design.
 */
const PRODUCER_SILENCE_MS = 3000;
const WORKER_SILENCE_MS = 30_000;

const common = (settings: RedisSettings) => ({
  ...(settings.username !== undefined && { username: settings.username }),
  ...(settings.password !== undefined && { password: settings.password }),
  connectTimeout: CONNECT_TIMEOUT_MS,
  // At the end nobody waits for a server that does not close its side.
  disconnectTimeout: DISCONNECT_TIMEOUT_MS,
  retryStrategy: (attempt: number) => Math.min(attempt * 50, RECONNECT_CAP_MS),
  // A replica that took over refuses writes on old connections: drop them and ask again.
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
});

/**
 * A connection for whoever answers somebody that waits: a command fails at once when Redis is away, instead of waiting
 * for it without limit. ioredis repeats the attempt to connect by itself, for ever; `logConnection` tells of it.
 */
export function connectProducer(settings: RedisSettings): Redis {
  const redis = new Redis(settings.url, {
    ...common(settings),
    enableOfflineQueue: false,
    socketTimeout: PRODUCER_SILENCE_MS,
    // Not sent again by itself: a homeserver's resend is absorbed as a duplicate, a blind repeat might not be.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
  });
  redis.on('error', ignore);
  return redis;
}

/** A connection for workers: commands wait for Redis to come back, as BullMQ requires. */
export function connectWorker(settings: RedisSettings): Redis {
  const redis = new Redis(settings.url, {
    ...common(settings),
    socketTimeout: WORKER_SILENCE_MS,
    maxRetriesPerRequest: null,
  });
  redis.on('error', ignore);
  return redis;
}

/** An 'error' event without a listener would end the process; every command that fails says so to its caller. */
function ignore(): void {
  // see above
}
