import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

import proxyAddr from 'proxy-addr';

/** From where and how a request came, as far as it can be believed. */
export interface Surroundings {
  /** Of the client, behind trusted proxies. */
  readonly address: string;
  /** Whether the peer itself is a trusted proxy. */
  readonly isFromProxy: boolean;
  /** Whether the client came over TLS. */
  readonly isSecure: boolean;
  /** By which names the client may have called us: `host` or `host:port`. */
  readonly hosts: readonly string[];
}

export interface SurroundingsOptions {
  readonly trustedProxies: readonly string[];
  readonly publicUrl: string | undefined;
}

/** Reads the surroundings of requests: a proxy's headers count only when the peer is a trusted one. */
export function readSurroundings({ trustedProxies, publicUrl }: SurroundingsOptions): (request: IncomingMessage) => Surroundings {
  const isTrusted = proxyAddr.compile([...trustedProxies]);
  const known = publicUrl === undefined ? undefined : new URL(publicUrl);
  return (request) => {
    const peer = request.socket.remoteAddress;
    // A peer that is already gone has no address; nothing of it is believed.
    const isFromProxy = peer !== undefined && isTrusted(peer, 0);
    const { headers } = request;
    const forwardedHost = isFromProxy ? firstOf(headers, 'x-forwarded-host') : undefined;
    const isForwardedSecure = isFromProxy && firstOf(headers, 'x-forwarded-proto')?.toLowerCase() === 'https';
    return {
      address: addressOf(request, isTrusted),
      isFromProxy,
      isSecure: isForwardedSecure || known?.protocol === 'https:',
      hosts: [headers.host, forwardedHost, known?.host].filter((host) => host !== undefined),
    };
  };
}

function addressOf(request: IncomingMessage, isTrusted: (address: string, hop: number) => boolean): string {
  if (request.socket.remoteAddress === undefined) return 'unknown';
  const address = proxyAddr(request, isTrusted);
  return isIP(address) === 0 ? 'unknown' : address;
}

/** What the proxy nearest to the client wrote, where several did. */
function firstOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  const text = [headers[name]].flat()[0]?.split(',')[0]?.trim();
  return text === '' ? undefined : text;
}
