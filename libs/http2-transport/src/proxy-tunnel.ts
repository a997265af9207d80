import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { describeError, unsent } from './failure';
import type { TransportFailure } from './transport';

const DEFAULT_HTTP_PORT = 80;
const DEFAULT_HTTPS_PORT = 443;
const TUNNEL_OPEN_FROM = 200;
const TUNNEL_OPEN_TO = 299;

/**
 * Asks an HTTP proxy for a tunnel to `authority` (`host:port`) with CONNECT (RFC 9110, 9.3.6), with Basic credentials
 * when the proxy's URL has them. Every failure is of kind `proxy`; its text never holds the URL, which may hold a
 * password.
 */
export function openTunnel(proxy: string, authority: string, signal: AbortSignal): Promise<Socket | TransportFailure> {
  const url = parseProxy(proxy);
  if (!url) return Promise.resolve(unsent('proxy', 'the proxy is not an http:// or https:// URL'));
  return new Promise((resolve) => {
    const ask = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const connect = ask({
      ...proxyAddress(url),
      method: 'CONNECT',
      path: authority,
      headers: tunnelHeaders(url, authority),
      signal,
    });
    connect.on('error', (error) => {
      resolve(unsent('proxy', signal.aborted ? 'the proxy did not answer CONNECT in time' : describeError(error)));
    });
    connect.on('connect', (answer, socket, head) => {
      const status = answer.statusCode ?? 0;
      // Bytes before our TLS handshake cannot come from the origin: TLS servers never speak first.
      if (status >= TUNNEL_OPEN_FROM && status <= TUNNEL_OPEN_TO && head.length === 0) {
        // An `upgraded` socket has no listener left; one that fails before TLS takes it over must not crash the
        // process.
        socket.on('error', () => undefined);
        resolve(socket);
        return;
      }
      socket.destroy();
      resolve(unsent('proxy', `the proxy answered ${status} to CONNECT`));
    });
    connect.end();
  });
}

function parseProxy(proxy: string): URL | undefined {
  if (!URL.canParse(proxy)) return undefined;
  const url = new URL(proxy);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : undefined;
}

/** Not the URL itself: Node would send its user information as an Authorization header, which is the origin's. */
function proxyAddress(url: URL): { host: string; port: number; agent: false } {
  const port = Number(url.port) || (url.protocol === 'https:' ? DEFAULT_HTTPS_PORT : DEFAULT_HTTP_PORT);
  return { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port, agent: false };
}

function tunnelHeaders(url: URL, authority: string): Record<string, string> {
  if (url.username === '' && url.password === '') return { host: authority };
  const credentials = `${decoded(url.username)}:${decoded(url.password)}`;
  return { host: authority, 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/** User information of a URL is percent-encoded; a stray `%` is taken literally. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
