/** `none`: nothing on disk. The others: append-only file, written out every second or before every answer. */
export type Persistence = 'none' | 'everysec' | 'always';

export interface RedisConfigurationOptions {
  readonly port: number;
  readonly directory?: string;
  readonly persistence: Persistence;
  readonly unixSocket?: string;
  readonly password?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/**
 * Hashes whose values are no longer than this stay in one piece of memory. A waiting push is such a hash, with its event as one value:
 * with Redis' own limit of 64 B it takes 390 B more (measured: 2,036 to 1,643 B in all), and as much time or more.
 */
const PACKED_JOB_BYTES = '4096';

/**
 * The server's configuration file. It goes in through standard input, so that the password is in no process list.
 * Loopback only; `noeviction`, because a queue must never lose a key to make room (BullMQ's documentation).
 */
export function redisConfiguration(options: RedisConfigurationOptions): string {
  const lines: [string, string][] = [
    ['bind', '127.0.0.1'],
    ['port', String(options.port)],
    ['protected-mode', 'yes'],
    ['daemonize', 'no'],
    ['maxmemory-policy', 'noeviction'],
    ['hash-max-ziplist-value', PACKED_JOB_BYTES], // as Redis 6 calls it, and all later ones too
    ['save', ''], // the append-only file alone: one way to be durable, and no fork for snapshots
    ['appendonly', options.persistence === 'none' ? 'no' : 'yes'],
    ['appendfsync', options.persistence === 'always' ? 'always' : 'everysec'],
  ];
  if (options.directory !== undefined) lines.push(['dir', options.directory]);
  if (options.unixSocket !== undefined) lines.push(['unixsocket', options.unixSocket], ['unixsocketperm', '700']);
  if (options.password !== undefined) lines.push(['requirepass', options.password]);
  lines.push(...Object.entries(options.settings ?? {}));
  return lines.map(([key, value]) => `${key} ${quote(value)}\n`).join('');
}

/** Redis reads C-like escapes inside double quotes (redis.conf, `sdssplitargs`). */
function quote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r')}"`;
}
