import { parseRedisNode, usesTls } from './redis-node';
import type { RedisNode } from './redis-node';

/** What shows a server who we are. `ca_file` is not among them: it shows us who the server is. */
export const REDIS_CREDENTIALS: readonly string[] = ['username', 'password', 'password_file', 'cert_file', 'key_file'];

/** Where a `redis` section, valid or not, says that Redis is. */
export interface RedisPlaces {
  readonly url?: unknown;
  readonly url_file?: unknown;
  readonly cluster?: unknown;
  readonly sentinels?: unknown;
  readonly tls?: unknown;
}

const DEFAULT_PORT = 6379;

/**
 * Whether the credentials of a section are for the server of `url` too, which the command line or the environment names instead of the
 * section's own: it is the same one, by host and port, and as safe from listeners. Those of a section that names no
 * server are for whichever is named.
 */
export function sharesCredentials(section: RedisPlaces, url: string): boolean {
  const { url: ownUrl, url_file, cluster, sentinels, tls } = section;
  if ([ownUrl, url_file, cluster, sentinels].every((place) => place === undefined)) return true;
  const servers = [ownUrl, cluster].flat().filter((server) => typeof server === 'string');
  if (usesTls(servers, tls === true) && !usesTls([url], undefined)) return false;
  const named = endpointOf(url);
  return named !== undefined && servers.map(endpointOf).some((own) => own?.host === named.host && own.port === named.port);
}

function endpointOf(server: string): RedisNode | undefined {
  const node = parseRedisNode(server);
  if (node) return { host: node.host.toLowerCase(), port: node.port };
  if (!URL.canParse(server)) return undefined;
  const { hostname, port } = new URL(server);
  return { host: hostname.replace(/^\[|\]$/g, '').toLowerCase(), port: port === '' ? DEFAULT_PORT : Number(port) };
}
