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
  /**
   * Whether the name in `Host` can only be ours: an address, `localhost` or that of `public_url`. Any other may be a stranger's name
   * that was made to point here (DNS rebinding), whose page then is of the same origin as we are.
   */
  readonly isNameOurs: boolean;
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
      isNameOurs: isOurs(headers.host, known?.host),
      hosts: [headers.host, forwardedHost, known?.host].filter((host) => host !== undefined),
    };
  };
}

function isOurs(host: string | undefined, publicHost: string | undefined): boolean {
  if (host === undefined || host === publicHost) return true;
  const name = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : '';
  return name === 'localhost' || name.endsWith('.localhost') || isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0;
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
