/** The settings that say where Redis is; exactly one of them may stand in a configuration. */
export const REDIS_PLACES = ['url', 'cluster', 'sentinels'] as const;

/** One server of a Cluster, or one Sentinel. */
export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** `host:port` or `[IPv6]:port`, with or without a scheme. No credentials: a list of nodes is shown in full. */
const NODE = /^(?:rediss?:\/\/)?(?:\[([\da-f:.]+)\]|([\w.-]+)):(\d{1,5})\/?$/i;
const HIGHEST_PORT = 65_535;

/** Reads `redis-1:6379`, `rediss://redis-1:6379`, `[::1]:6379`; undefined for anything else. */
export function parseRedisNode(text: string): RedisNode | undefined {
  const [, address, name, digits] = NODE.exec(text) ?? [];
  const host = address ?? name;
  const port = Number(digits);
  return host === undefined || port === 0 || port > HIGHEST_PORT ? undefined : { host, port };
}

/** Whether the settings ask for TLS, by the switch or by a scheme. */
export function usesTls(servers: readonly string[], tls: boolean | undefined): boolean {
  return tls === true || servers.some((server) => server.startsWith('rediss:'));
}
