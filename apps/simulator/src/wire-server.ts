import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';

import { listen } from './listen';
import { Http1Reply, Http2Reply } from './reply';
import type { ClientCertificate, RequestHandler } from './wire';

/** More of a body than any provider takes is counted, but not kept. */
const KEPT_BODY_BYTES = 64 * 1024;

export interface WireServerOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  /** Signs the client certificates that count as trusted. */
  readonly ca: string;
  /** Google speaks HTTP/1.1 too, Apple does not. */
  readonly allowHttp1: boolean;
  readonly maxConcurrentStreams: number;
}

interface SessionState {
  streams: number;
  readonly clientCertificate: ClientCertificate;
  readonly endConnection: () => void;
}

/** An HTTPS server on 127.0.0.1 whose connections can be disturbed. */
export class WireServer {
  readonly #server: Http2SecureServer;
  readonly #handle: RequestHandler;
  readonly #sessions = new Map<Http2Session, SessionState>();
  readonly #connections = new Set<Socket>();
  #port = 0;
  #maxConcurrentStreamsSeen = 0;

  /** @throws the listen error, e.g. EADDRINUSE. */
  static async start(options: WireServerOptions, handle: RequestHandler): Promise<WireServer> {
    const server = new WireServer(options, handle);
    server.#port = await listen(server.#server, options.port);
    return server;
  }

  private constructor(options: WireServerOptions, handle: RequestHandler) {
    this.#handle = handle;
    this.#server = createSecureServer({
      cert: options.certificate,
      key: options.key,
      ca: options.ca,
      requestCert: true,
      rejectUnauthorized: false,
      allowHTTP1: options.allowHttp1,
      settings: { maxConcurrentStreams: options.maxConcurrentStreams },
    });
    this.#server.on('connection', (socket: Socket) => this.#track(socket));
    this.#server.on('secureConnection', (socket: TLSSocket) => this.#track(socket));
    this.#server.on('session', (session) => this.#onSession(session));
    this.#server.on('stream', (stream, headers) => this.#onStream(stream, headers));
    this.#server.on('unknownProtocol', (socket) => socket.destroy());
    if (options.allowHttp1) this.#server.on('request', (request, response) => this.#onRequest(request, response));
  }

  get port(): number {
    return this.#port;
  }

  get sessions(): number {
    return this.#sessions.size;
  }

  get maxConcurrentStreamsSeen(): number {
    return this.#maxConcurrentStreamsSeen;
  }

  /** GOAWAY with the last stream taken; streams under way finish. */
  goaway(): void {
    for (const session of this.#sessions.keys()) session.close();
  }

  /** Ends every connection without a word. */
  destroyConnections(): void {
    for (const socket of this.#connections) socket.destroy();
  }

  /** Counts for live sessions at once (SETTINGS) and for new ones. */
  setMaxConcurrentStreams(maxConcurrentStreams: number): void {
    this.#server.updateSettings({ maxConcurrentStreams });
    for (const session of this.#sessions.keys()) {
      if (!session.closed && !session.destroyed) session.settings({ maxConcurrentStreams });
    }
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.destroyConnections();
    await closed;
  }

  #track(socket: Socket): void {
    this.#connections.add(socket);
    socket.once('close', () => this.#connections.delete(socket));
    // A client that is gone is no event here; without a listener it would end the process.
    socket.on('error', () => undefined);
  }

  #onSession(session: ServerHttp2Session): void {
    const { remotePort } = session.socket;
    const endConnection = () => {
      // The session hides its socket's destroy(); on loopback the client's port tells which it is.
      for (const socket of this.#connections) if (socket.remotePort === remotePort) socket.destroy();
    };
    this.#sessions.set(session, { streams: 0, clientCertificate: certificateOf(session.socket), endConnection });
    session.once('close', () => this.#sessions.delete(session));
  }

  #onStream(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const { session } = stream;
    const state = session && this.#sessions.get(session);
    if (!state) return;
    state.streams += 1;
    if (state.streams > this.#maxConcurrentStreamsSeen) this.#maxConcurrentStreamsSeen = state.streams;
    stream.once('close', () => (state.streams -= 1));
    // Reset by the client, or the connection ended: `gone()` tells.
    stream.on('error', () => undefined);
    collectBody(stream, (body, bodyBytes) => {
      this.#handle(
        {
          method: headers[':method'] ?? '',
          path: headers[':path'] ?? '',
          headers,
          body,
          bodyBytes,
          clientCertificate: state.clientCertificate,
        },
        new Http2Reply(stream, state.endConnection),
      );
    });
  }

  #onRequest(request: Http2ServerRequest, response: Http2ServerResponse): void {
    // HTTP/2 comes here too, through Node's compatibility layer; `stream` has it already.
    if (request.httpVersionMajor !== 1) return;
    response.on('error', () => undefined);
    collectBody(request, (body, bodyBytes) => {
      const { method, url: path, headers, socket } = request;
      this.#handle(
        { method, path, headers, body, bodyBytes, clientCertificate: certificateOf(socket) },
        new Http1Reply(request, response),
      );
    });
  }
}

function collectBody(source: Readable, done: (body: string, bytes: number) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  source.on('data', (chunk: Buffer) => {
    if (bytes < KEPT_BODY_BYTES) chunks.push(chunk);
    bytes += chunk.length;
  });
  // Copied into a string: the chunks are slices of bigger buffers, which a kept slice would keep too.
  source.on('end', () =>
    done((chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString('utf8'), bytes),
  );
}

function certificateOf(socket: Socket): ClientCertificate {
  if (!(socket instanceof TLSSocket) || Object.keys(socket.getPeerCertificate()).length === 0) return 'none';
  return socket.authorized ? 'trusted' : 'untrusted';
}
