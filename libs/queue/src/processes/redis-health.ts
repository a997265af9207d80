import { within } from '@reveille/observability';
import { Cluster } from 'ioredis';
import { z } from 'zod';
import type { RedisClient } from '../connect-redis';

/** How Redis is; null: it does not say. Of a Cluster its masters together. */
export interface RedisHealth {
  /** Every server that should answer did. */
  readonly reachable: boolean;
  readonly version: string | null;
  readonly role: string | null;
  readonly usedMemoryBytes: number | null;
  /** 0: no limit. */
  readonly maxMemoryBytes: number | null;
  readonly evictionPolicy: string | null;
  readonly aof: boolean | null;
  readonly aofFsync: string | null;
  /** Milliseconds since the epoch. */
  readonly lastSaveAt: number | null;
  /** Servers that were asked: one, or the masters of a Cluster. */
  readonly servers: number;
}

const number = z.coerce.number().int().nonnegative();
const infoSchema = z.object({
  redis_version: z.string().optional(),
  valkey_version: z.string().optional(),
  role: z.string().optional(),
  used_memory: number.optional(),
  maxmemory: number.optional(),
  maxmemory_policy: z.string().optional(),
  aof_enabled: z.enum(['0', '1']).optional(),
  rdb_last_save_time: number.optional(),
});

/** What one server said; `fsync` is in its configuration, which a hosted Redis may keep to itself. */
type ServerInfo = z.output<typeof infoSchema> & { readonly fsync?: string | undefined };

const SECTIONS = ['server', 'replication', 'memory', 'persistence'] as const;
/** The page waits for it. Milliseconds. */
const TIMEOUT_MS = 1000;

/** Never rejects: a Redis that does not answer is not reachable. */
export async function readRedisHealth(redis: RedisClient): Promise<RedisHealth> {
  const servers: readonly Server[] = redis instanceof Cluster ? redis.nodes('master') : [redis];
  const answers = await Promise.all(servers.map((server) => within(readServer(server).catch(() => undefined), TIMEOUT_MS, undefined)));
  const infos = answers.flatMap((answer) => (answer ? [answer] : []));
  const allSame = (of: (info: ServerInfo) => string | undefined): string | null => {
    const values = [...new Set(infos.map(of).filter((value) => value !== undefined))];
    return values.length === 0 ? null : values.join(', ');
  };
  const sum = (of: (info: ServerInfo) => number | undefined): number | null => {
    const values = infos.map(of).filter((value) => value !== undefined);
    return values.length === 0 ? null : values.reduce((all, value) => all + value, 0);
  };
  const limits = infos.map(({ maxmemory }) => maxmemory);
  const saves = infos.map(({ rdb_last_save_time: seconds }) => seconds).filter((seconds) => seconds !== undefined);
  const aofs = infos.map(({ aof_enabled: enabled }) => enabled).filter((enabled) => enabled !== undefined);
  return {
    reachable: servers.length > 0 && infos.length === servers.length,
    version: allSame((info) => info.valkey_version ?? info.redis_version),
    role: redis instanceof Cluster && infos.length > 0 ? 'cluster' : allSame((info) => info.role),
    usedMemoryBytes: sum((info) => info.used_memory),
    // One without a limit has none in all.
    maxMemoryBytes: limits.includes(0) ? 0 : sum((info) => info.maxmemory),
    evictionPolicy: allSame((info) => info.maxmemory_policy),
    aof: aofs.length === 0 ? null : aofs.every((enabled) => enabled === '1'),
    aofFsync: allSame((info) => info.fsync),
    // The oldest: so much is lost where there is nothing else.
    lastSaveAt: saves.length === 0 ? null : Math.min(...saves) * 1000,
    servers: servers.length,
  };
}

interface Server {
  info(section: string): Promise<string>;
  config(subcommand: 'GET', parameter: string): Promise<unknown>;
}

async function readServer(server: Server): Promise<ServerInfo> {
  // One by one: several sections at once are new in Redis 7.
  const [fsync, ...sections] = await Promise.all([readFsync(server), ...SECTIONS.map((section) => server.info(section))]);
  const lines = sections.join('\n').split(/\r?\n/);
  const pairs = lines.flatMap((line) => {
    const colon = line.indexOf(':');
    return colon < 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
  });
  return { ...infoSchema.parse(Object.fromEntries(pairs)), fsync };
}

const configSchema = z.tuple([z.literal('appendfsync'), z.string()]);

/** Undefined: not allowed to ask, or another kind of server. */
async function readFsync(server: Server): Promise<string | undefined> {
  try {
    const parsed = configSchema.safeParse(await server.config('GET', 'appendfsync'));
    return parsed.success ? parsed.data[1] : undefined;
  } catch {
    return undefined;
  }
}
