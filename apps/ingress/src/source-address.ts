import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from 'proxy-addr';

/** `http.trust_proxy`: nobody, the last hops, or these addresses. `true`: every hop is believed. */
export type TrustProxy = boolean | number | string[];

/**
 * The address that a request comes from: the peer's, or the one in `X-Forwarded-For` behind proxies that are trusted. With
 * Express's own library, so that the plain handler and Express never disagree. Throws for an address in `trustProxy` that
 * is none; the configuration has checked them.
 *
 * @param onNoAddress a trusted proxy passes on something that is no address, so that its senders are one; told once
 */
export function sourceAddress(trustProxy: TrustProxy, onNoAddress: () => void): (request: IncomingMessage) => string {
  const trust = trustOf(trustProxy);
  let isTold = false;
  return (request) => {
    const address = addressOf(request, trust);
    if (address === undefined) return 'unknown';
    if (isIP(address) !== 0) return address;
    if (!isTold) onNoAddress();
    isTold = true;
    return 'unknown';
  };
}

type Trust = (address: string, hop: number) => boolean;

function addressOf(request: IncomingMessage, trust: Trust): string | undefined {
  const forwarded = request.headers['x-forwarded-for'];
  // A peer that is already gone has no address.
  if (request.socket.remoteAddress === undefined) return undefined;
  if (forwarded === undefined) return proxyAddr(request, trust);
  const bare = [forwarded].flat().join(',').split(',').map(withoutPort).join(',');
  // The same request but for that header, which is all that the library reads beside the socket.
  const shown = Object.create(request, { headers: { value: { 'x-forwarded-for': bare } } }) as IncomingMessage;
  return proxyAddr(shown, trust);
}

/** `1.2.3.4:5` and `[v6]:5`, as some proxies write them; whoever has a port would be another sender with each connection. */
const WITH_PORT = /^(?:\[([^\]]+)\](?::\d{1,5})?|(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5})$/;

function withoutPort(entry: string): string {
  const text = entry.trim();
  const [, v6, v4] = WITH_PORT.exec(text) ?? [];
  return v6 ?? v4 ?? text;
}

function trustOf(trustProxy: TrustProxy): Trust {
  if (typeof trustProxy === 'boolean') return () => trustProxy;
  if (typeof trustProxy === 'number') return (_address, hop) => hop < trustProxy;
  return proxyAddr.compile(trustProxy);
}
