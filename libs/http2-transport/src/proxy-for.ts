import { BlockList, isIP } from 'node:net';

/** The part of a process environment that names a proxy. Passed in: only libs/config reads the environment. */
export interface ProxyEnvironment {
  readonly HTTPS_PROXY?: string | undefined;
  readonly https_proxy?: string | undefined;
  readonly NO_PROXY?: string | undefined;
  readonly no_proxy?: string | undefined;
}

const DEFAULT_HTTPS_PORT = '443';

/**
 * The HTTP proxy through which an origin is to be reached, as a URL, or undefined for a direct connection.
 *
 * A configured proxy decides, whatever the environment says; the empty string means "none". Otherwise HTTPS_PROXY
 * counts, unless NO_PROXY lists the origin's host. As with curl, the lower-case variable wins over the upper-case one
 * and a proxy without a scheme is an `http:` one.
 *
 * NO_PROXY is a list separated by commas or spaces. An entry is `*` (everything), a host name (it and its subdomains,
 * with or without a leading dot or `*.`), an IP address or a CIDR block, each but the block optionally with `:port`.
 */
export function proxyFor(
  origin: string,
  configured: string | undefined,
  environment: ProxyEnvironment,
): string | undefined {
  if (configured !== undefined) return withScheme(configured);
  const proxy = withScheme(environment.https_proxy || environment.HTTPS_PROXY || '');
  if (proxy === undefined) return undefined;
  return isExempt(new URL(origin), environment.no_proxy || environment.NO_PROXY || '') ? undefined : proxy;
}

function withScheme(proxy: string): string | undefined {
  const trimmed = proxy.trim();
  if (trimmed === '') return undefined;
  return trimmed.includes('://') ? trimmed : `http://${trimmed}`;
}

function isExempt(url: URL, noProxy: string): boolean {
  const host = canonicalHost(url.hostname);
  const port = url.port || DEFAULT_HTTPS_PORT;
  return noProxy.split(/[\s,]+/).some((entry) => entry !== '' && matchesEntry(host, port, entry.toLowerCase()));
}

function matchesEntry(host: string, port: string, entry: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInBlock(host, entry);
  const { name, port: entryPort } = splitPort(entry);
  if (entryPort !== undefined && entryPort !== port) return false;
  const domain = canonicalHost(name.replace(/^\*?\./, ''));
  if (domain === '') return false;
  return host === domain || (isIP(host) === 0 && host.endsWith(`.${domain}`));
}

function isInBlock(host: string, entry: string): boolean {
  const [address = '', bits = ''] = entry.split('/');
  const family = isIP(canonicalHost(address));
  if (family === 0 || family !== isIP(host) || !/^\d{1,3}$/.test(bits)) return false;
  const prefix = Number(bits);
  if (prefix > (family === 4 ? 32 : 128)) return false;
  const block = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  block.addSubnet(canonicalHost(address), prefix, type);
  return block.check(host, type);
}

/** `host:port`, `[v6]:port`, or no port; a bare IPv6 address has colons but no port. */
function splitPort(entry: string): { readonly name: string; readonly port: string | undefined } {
  const match = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry);
  return { name: match?.[1] ?? entry, port: match?.[2] };
}

/** Without the brackets of an IPv6 address and the trailing dot of a full name. */
function canonicalHost(host: string): string {
  return host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
}
