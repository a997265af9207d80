import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';

/** `http.trust_proxy`: nobody, the last hops, or these addresses. `true`: every hop is believed. */
export type TrustProxy = boolean | number | string[];

/**
 * The address that a request comes from: the peer's, or the one in `X-Forwarded-For` behind proxies that are trusted. With
 * Express's own library, so that the plain handler and Express never disagree. Throws for an address that is none; the
 * configuration has checked them.
 */
export function sourceAddress(trustProxy: TrustProxy): (request: IncomingMessage) => string {
  const trust = trustOf(trustProxy);
  return (request) => {
    try {
      return proxyAddr(request, trust);
    } catch {
      // A peer that is already gone has no address.
      return 'unknown';
    }
  };
}

function trustOf(trustProxy: TrustProxy): (address: string, hop: number) => boolean {
  if (typeof trustProxy === 'boolean') return () => trustProxy;
  if (typeof trustProxy === 'number') return (_address, hop) => hop < trustProxy;
  return proxyAddr.compile(trustProxy);
}
