import type { RedisAddress } from '@reveille/config';
import { Cluster, Redis, type ClusterOptions, type RedisOptions } from 'ioredis';
import { followDuplicates } from './follow-duplicates';
import { watchFailovers } from './watch-failovers';
import { watchTopology } from './watch-topology';

/** A connection to Redis, as the adapters share it: one server, the master that Sentinels name, or a whole Cluster. */
export type RedisClient = Redis | Cluster;

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
/** A server that reads its file is asked again after this long, in milliseconds (ioredis: up to 10 s). */
const LOADING_RETRY_MS = 1000;
/** A Sentinel that hangs is passed over after this long, in milliseconds. */
const SENTINEL_TIMEOUT_MS = 1000;
/**
 * How often a Cluster is asked who serves what, in milliseconds: so a master that hangs without closing its connections is
 * left once it has a successor. Redirections are followed at once.
 */
const TOPOLOGY_LOOK_MS = 3000;
/** Pause of a worker's command whose slot nobody serves, in milliseconds. */
const SLOT_RETRY_MS = 100;
/**
 * Redirections of a producer's command: from an old master to the new one, and once more while slots move. Then whoever waits is
 * told, rather than kept.
 */
const PRODUCER_REDIRECTIONS = 4;

/**
 * What a server says that is no master any more, or not yet: ask again who is. `UNBLOCKED` ends a blocking read when its
 * server became a replica.
 */
const WRONG_SERVER = /^(?:READONLY|LOADING|MASTERDOWN|UNBLOCKED)\b/;

/** Replies in their usual form; ioredis' types tell the clients apart by this option. */
type ServerOptions = Omit<RedisOptions, 'replyMapping'>;

interface Manner {
  readonly server: ServerOptions;
  readonly cluster: ClusterOptions;
}

/** A command fails at once when Redis is away, instead of waiting for it without limit. */
const PRODUCER: Manner = {
  server: {
    enableOfflineQueue: false,
    socketTimeout: PRODUCER_SILENCE_MS,
    // Not sent again by itself: a homeserver's resend is absorbed as a duplicate, a blind repeat might not be.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
  },
  cluster: {
    enableOfflineQueue: false,
    maxRedirections: PRODUCER_REDIRECTIONS,
    // Zero: not sent again after a lost connection, for the same reason.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    // Its command would fail, and the client begin anew, while the nodes are being connected (see connectProducer).
    enableReadyCheck: false,
  },
};

/** Commands wait for Redis to come back, as BullMQ requires. */
const WORKER: Manner = {
  server: { socketTimeout: WORKER_SILENCE_MS, maxRetriesPerRequest: null },
  cluster: {
    // A slot may be without a master for as long as it takes; each try is a pause apart, redirections too.
    maxRedirections: Number.MAX_SAFE_INTEGER,
    retryDelayOnFailover: SLOT_RETRY_MS,
    retryDelayOnClusterDown: SLOT_RETRY_MS,
    retryDelayOnTryAgain: SLOT_RETRY_MS,
    retryDelayOnMoved: SLOT_RETRY_MS,
  },
};

/**
 * A connection for whoever answers somebody that waits: a command fails at once when Redis (of a Cluster: its slot) is away.
 * It is reached again without any doing, for ever; `logConnection` tells of it.
 */
export function connectProducer(address: RedisAddress): RedisClient {
  const redis = connect(address, PRODUCER);
  // A node's connection is made by its first command, and those that come meanwhile would fail.
  if (redis instanceof Cluster) redis.on('+node', (node: Redis) => setImmediate(connectNow, node));
  return redis;
}

/** A connection for workers: commands wait for Redis to come back. */
export function connectWorker(address: RedisAddress): RedisClient {
  return connect(address, WORKER);
}

function connect(address: RedisAddress, manner: Manner): RedisClient {
  const redis = createClient(address, manner);
  redis.on('error', ignore);
  const connections = followDuplicates(redis);
  if ('sentinels' in address) watchFailovers(connections, address);
  if ('cluster' in address) watchTopology(connections);
  return redis;
}

function createClient(address: RedisAddress, manner: Manner): RedisClient {
  const options = serverOptions(address, manner);
  if ('cluster' in address) {
    return new Cluster([...address.cluster], { ...CLUSTER, ...manner.cluster, redisOptions: options });
  }
  if ('sentinels' in address) return new Redis({ ...options, ...sentinelOptions(address) });
  return new Redis(address.url, options);
}

const CLUSTER: ClusterOptions = {
  clusterRetryStrategy: pauseBeforeReconnect,
  slotsRefreshInterval: TOPOLOGY_LOOK_MS,
  slotsRefreshTimeout: SENTINEL_TIMEOUT_MS,
  // Names stay names, so that a certificate can be compared with them; each connection looks them up anew.
  dnsLookup: (host, callback) => callback(null, host),
};

function serverOptions(address: RedisAddress, manner: Manner): ServerOptions {
  return {
    ...(address.username !== undefined && { username: address.username }),
    ...(address.password !== undefined && { password: address.password }),
    ...(address.tls && { tls: { ...address.tls, rejectUnauthorized: true } }),
    connectTimeout: CONNECT_TIMEOUT_MS,
    // At the end nobody waits for a server that does not close its side.
    disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    maxLoadingRetryTime: LOADING_RETRY_MS,
    retryStrategy: pauseBeforeReconnect,
    reconnectOnError: (error) => WRONG_SERVER.test(error.message),
    ...manner.server,
  };
}

function sentinelOptions(address: Extract<RedisAddress, { sentinels: unknown }>): ServerOptions {
  return {
    sentinels: [...address.sentinels],
    name: address.name,
    ...(address.sentinelUsername !== undefined && { sentinelUsername: address.sentinelUsername }),
    ...(address.sentinelPassword !== undefined && { sentinelPassword: address.sentinelPassword }),
    ...(address.tls && { enableTLSForSentinelMode: true, sentinelTLS: { ...address.tls, rejectUnauthorized: true } }),
    sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
    sentinelRetryStrategy: pauseBeforeReconnect,
  };
}

function pauseBeforeReconnect(attempt: number): number {
  return Math.min(attempt * 50, RECONNECT_CAP_MS);
}

function connectNow(node: Redis): void {
  if (node.status === 'wait') node.connect().catch(ignore);
}

/** An 'error' event without a listener would end the process; every command that fails says so to its caller. */
function ignore(): void {
  // see above
}
