import { readFileSync } from 'node:fs';

import type { CommonSettings } from './config-schema';
import { sharesCredentials } from './redis-credentials';
import { parseRedisNode, usesTls } from './redis-node';
import type { RedisNode } from './redis-node';
import { resolvePath } from './resolve-path';

/** What a TLS connection to Redis is made with, beside the verification, which has no switch. PEM. */
export interface RedisTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Where Redis is: one server, a Cluster, or whatever the Sentinels call the master. */
export type RedisPlace =
  | { readonly url: string }
  | { readonly cluster: readonly RedisNode[] }
  | {
      readonly sentinels: readonly RedisNode[];
      readonly name: string;
      readonly sentinelUsername?: string;
      readonly sentinelPassword?: string;
    };

/** How a role reaches Redis. */
export type RedisAddress = RedisPlace & {
  readonly username?: string;
  readonly password?: string;
  /** Absent: no TLS. */
  readonly tls?: RedisTls;
};

export interface RedisAddressOptions {
  /** Of the command line: instead of whatever the settings name. */
  readonly redisUrl?: string | undefined;
  /** Where relative paths in the settings start. */
  readonly baseDirectory: string;
}

/**
 * Where Redis is: the command line's word before the settings'; undefined: nowhere, an embedded server is meant. User, password and
 * certificate of the settings go to the settings' own server only (`sharesCredentials`).
 * @throws Error when a file of `redis.ca_file`, `cert_file` or `key_file` went away after `loadConfig` had looked at it.
 */
export function redisAddress({ redis }: CommonSettings, { redisUrl, baseDirectory }: RedisAddressOptions): RedisAddress | undefined {
  const place = redisUrl === undefined ? configuredPlace(redis) : { url: redisUrl };
  if (place === undefined) return undefined;
  const servers = redisUrl === undefined ? [redis.url, redis.cluster, redis.sentinels].flat() : [redisUrl];
  const own: Credentials = redisUrl === undefined || sharesCredentials(redis, redisUrl) ? redis : { ca_file: redis.ca_file };
  // An address of the command line is as it is written: `redis://` there means without TLS.
  const tls = usesTls(servers.filter((server) => server !== undefined), redisUrl === undefined ? redis.tls : undefined);
  return {
    ...place,
    ...(own.username !== undefined && { username: own.username }),
    ...(own.password !== undefined && { password: own.password }),
    ...(tls && { tls: readTls(own, baseDirectory) }),
  };
}

/** Whether the settings name a Redis; else `reveille serve` starts an embedded one. */
export function namesRedis({ redis }: CommonSettings): boolean {
  return configuredPlace(redis) !== undefined;
}

function configuredPlace(redis: CommonSettings['redis']): RedisPlace | undefined {
  if (redis.cluster) return { cluster: nodes(redis.cluster) };
  if (redis.sentinels && redis.name !== undefined) {
    return {
      sentinels: nodes(redis.sentinels),
      name: redis.name,
      ...(redis.sentinel_username !== undefined && { sentinelUsername: redis.sentinel_username }),
      ...(redis.sentinel_password !== undefined && { sentinelPassword: redis.sentinel_password }),
    };
  }
  return redis.url === undefined ? undefined : { url: redis.url };
}

/** The schema lets nothing else pass. */
function nodes(texts: readonly string[]): readonly RedisNode[] {
  return texts.map(parseRedisNode).filter((node) => node !== undefined);
}

/** What is left of the settings for a server that is not theirs: nothing but whom to trust. */
type Credentials = Partial<Pick<CommonSettings['redis'], 'username' | 'password' | 'ca_file' | 'cert_file' | 'key_file'>>;

function readTls(redis: Credentials, baseDirectory: string): RedisTls {
  const read = (name: string | undefined): string | undefined =>
    name === undefined ? undefined : readFileSync(resolvePath(baseDirectory, name), 'utf8');
  const [ca, cert, key] = [read(redis.ca_file), read(redis.cert_file), read(redis.key_file)];
  return { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert }), ...(key !== undefined && { key }) };
}
