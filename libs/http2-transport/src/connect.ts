import { connect as connectHttp2 } from 'node:http2';
import type { ClientHttp2Session, Settings } from 'node:http2';
import { Socket, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { SecureContext, TLSSocket } from 'node:tls';
import { describeError, unsent } from './failure';
import { openTunnel } from './proxy-tunnel';
import type { TransportFailure } from './transport';

/** Where a connection goes and what it trusts. */
export interface ConnectTarget {
  /** `https:` only. */
  readonly origin: URL;
  readonly secureContext: SecureContext;
  readonly proxy?: string | undefined;
}

/** A connection on which the peer has sent its first SETTINGS: HTTP/2 is spoken, and the stream limit is known. */
export interface Connection {
  readonly ok: true;
  readonly h2: ClientHttp2Session;
  readonly socket: TLSSocket;
  /** The peer's MAX_CONCURRENT_STREAMS; 2^32-1 if it announced none. */
  readonly streamLimit: number;
}

const DEFAULT_PORT = 443;

/** Of a whole connection; answers of many streams arrive together, and the default of 64 KiB would make them queue. */
const CONNECTION_WINDOW_BYTES = 1024 * 1024;

/**
 * In MB. Node resets streams by itself when a session holds more (default 10), under a code that looks like the
 * server's (nodejs/node#23116, #27416). This is far above what the largest stream limit needs; it reserves nothing.
 */
const SESSION_MEMORY_MB = 512;

/**
 * Opens one connection: proxy tunnel if there is one, TCP, TLS with a verified certificate and ALPN `h2`, HTTP/2 up to
 * the peer's first SETTINGS. `signal` ends the attempt. Never throws: failures are data, and nothing was sent.
 */
export async function openConnection(
  target: ConnectTarget,
  signal: AbortSignal,
): Promise<Connection | TransportFailure> {
  const host = target.origin.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = Number(target.origin.port) || DEFAULT_PORT;
  let tunnel: Socket | undefined;
  if (target.proxy !== undefined) {
    const opened = await openTunnel(target.proxy, `${target.origin.hostname}:${port}`, signal);
    if (!(opened instanceof Socket)) return opened;
    tunnel = opened;
  }
  const socket = await secure({ host, port, tunnel, secureContext: target.secureContext }, signal);
  if ('ok' in socket) return socket;
  return startHttp2(target.origin, socket, signal);
}

interface SecureOptions {
  readonly host: string;
  readonly port: number;
  readonly tunnel: Socket | undefined;
  readonly secureContext: SecureContext;
}

function secure(options: SecureOptions, signal: AbortSignal): Promise<TLSSocket | TransportFailure> {
  const { host, port, tunnel, secureContext } = options;
  return new Promise((resolve) => {
    const socket = connectTls({
      ...(tunnel ? { socket: tunnel } : { port }),
      host,
      // SNI names a host, never an address (RFC 6066, 3).
      servername: isIP(host) === 0 ? host : '',
      secureContext,
      ALPNProtocols: ['h2'],
      rejectUnauthorized: true,
    });
    let isReached = tunnel !== undefined;
    const finish = (result: TLSSocket | TransportFailure): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('close', onClose);
      if ('ok' in result) socket.destroy();
      resolve(result);
    };
    const onAbort = (): void => finish(unsent('connect', `no ${isReached ? 'TLS handshake' : 'connection'} in time`));
    const onClose = (): void =>
      finish(unsent(isReached ? 'tls' : 'connect', 'the connection was closed during the handshake'));
    // This listener stays for the socket's life: an error after its session is gone must not crash the process.
    socket.on('error', (error) => finish(unsent(isReached ? 'tls' : 'connect', describeError(error))));
    socket.once('close', onClose);
    socket.once('connect', () => (isReached = true));
    socket.once('secureConnect', () => {
      const speaksHttp2 = socket.alpnProtocol === 'h2';
      finish(speaksHttp2 ? socket : unsent('tls', 'the server does not offer HTTP/2 (ALPN h2)'));
    });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

function startHttp2(origin: URL, socket: TLSSocket, signal: AbortSignal): Promise<Connection | TransportFailure> {
  return new Promise((resolve) => {
    const h2 = connectHttp2(origin, {
      createConnection: () => socket,
      settings: { enablePush: false },
      maxSessionMemory: SESSION_MEMORY_MB,
    });
    const finish = (result: Connection | TransportFailure): void => {
      signal.removeEventListener('abort', onAbort);
      h2.off('close', onClose);
      if (!result.ok) {
        h2.destroy();
        socket.destroy();
      }
      resolve(result);
    };
    const onAbort = (): void => finish(unsent('connect', 'no HTTP/2 SETTINGS in time'));
    const onClose = (): void => finish(unsent('connect', 'the connection was closed before the HTTP/2 SETTINGS'));
    // Both stay for the session's life; see above.
    h2.on('error', (error) => finish(unsent('protocol', describeError(error))));
    socket.on('error', () => undefined);
    h2.once('close', onClose);
    h2.once('remoteSettings', (settings: Settings) => {
      h2.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      finish({ ok: true, h2, socket, streamLimit: settings.maxConcurrentStreams ?? Infinity });
    });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}
