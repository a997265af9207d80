import type { IncomingHttpHeaders } from 'node:http';

/**
 * Where a request was made from. Browsers say it with everything that changes something, and no page can change what they
 * say: `foreign` is another site's doing, in the name of whoever looks at it. `unknown`: no browser, or a very old one.
 */
export type Origin = 'same' | 'foreign' | 'unknown';

/**
 * @param hosts names by which the client may have called us
 */
export function originOf(headers: IncomingHttpHeaders, hosts: readonly string[]): Origin {
  const named = headers.origin ?? headers.referer;
  if (named !== undefined) return isOneOf(named, hosts) ? 'same' : 'foreign';
  const site = headers['sec-fetch-site'];
  if (site === undefined) return 'unknown';
  return site === 'same-origin' ? 'same' : 'foreign';
}

/** `null` (a sandboxed page, a file) is none of ours. */
function isOneOf(named: string, hosts: readonly string[]): boolean {
  const url = parseUrl(named);
  if (!url) return false;
  // With the scheme of the origin, so that its default port may be named or not.
  return hosts.some((host) => parseUrl(`${url.protocol}//${host}`)?.host === url.host);
}

function parseUrl(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
}
