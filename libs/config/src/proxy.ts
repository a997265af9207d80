import type { Environment } from './read-environment';
import { NO_PROXY_AT_ALL } from './scalars';

const HTTPS_PORT = 443;

/**
 * Which HTTP proxy leads to an origin: the app's own `proxy`, else the top-level one, else `HTTPS_PROXY` unless
 * `NO_PROXY` excludes the host. What the configuration names applies to every host; `none` means a direct
 * connection.
 *
 * @param configured - `app.proxy ?? settings.proxy`
 * @returns the proxy's URL, possibly with credentials; undefined for a direct connection
 */
export function proxyFor(origin: string, configured: string | undefined, environment: Environment): string | undefined {
  if (configured !== undefined) return configured === NO_PROXY_AT_ALL ? undefined : configured;
  // The lower-case name first, as curl does.
  const proxy = environment.https_proxy || environment.HTTPS_PROXY;
  const excluded = environment.no_proxy || environment.NO_PROXY || '';
  if (!proxy || !URL.canParse(origin) || isExcluded(new URL(origin), excluded)) return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

/** `NO_PROXY`: hosts, domains (with or without a leading dot) with all below them, `host:port`, or `*`. */
function isExcluded(origin: URL, excluded: string): boolean {
  const host = origin.hostname.replace(/^\[|\]$/g, '').toLowerCase();
  const port = origin.port === '' ? HTTPS_PORT : Number(origin.port);
  return excluded
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => entryFits(entry.toLowerCase(), host, port));
}

function entryFits(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true;
  const withPort = /^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(entry);
  if (withPort && Number(withPort[3]) !== port) return false;
  const name = (withPort ? (withPort[1] ?? withPort[2] ?? '') : entry).replace(/^\[|\]$/g, '').replace(/^\*?\./, '');
  return host === name || host.endsWith(`.${name}`);
}
