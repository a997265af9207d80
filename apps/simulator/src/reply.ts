import { constants, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Stream } from 'node:http2';
import type { Writable } from 'node:stream';

import type { Fault } from './command';
import type { Reply, WireAnswer } from './wire';

const HUGE_CHUNK = Buffer.alloc(64 * 1024, 'x');

/** Answers one HTTP/2 stream. A class, not closures: one is made for every push. */
export class Http2Reply implements Reply {
  readonly #stream: ServerHttp2Stream;
  readonly #endConnection: () => void;

  constructor(stream: ServerHttp2Stream, endConnection: () => void) {
    this.#stream = stream;
    this.#endConnection = endConnection;
  }

  gone(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  send({ status, headers, body }: WireAnswer): void {
    if (body === '') {
      this.#stream.respond({ ':status': status, ...headers }, { endStream: true });
      return;
    }
    this.#stream.respond({ ':status': status, ...headers });
    this.#stream.end(body);
  }

  fail(fault: Fault): void {
    switch (fault) {
      case 'hang':
        return;
      case 'close':
        this.#endConnection();
        return;
      case 'reset':
        this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
        return;
      case 'goaway':
        // Graceful for the other streams; REFUSED_STREAM says that this one was not processed (RFC 9113 section 8.7).
        this.#stream.session?.close();
        this.#stream.close(constants.NGHTTP2_REFUSED_STREAM);
        return;
      case 'huge':
        this.#stream.respond({ ':status': 200, 'content-type': 'application/json' });
        pourEndlessly(this.#stream);
        return;
      case 'empty':
        this.send({ status: 200, headers: {}, body: '' });
        return;
      default:
        throw new Error(`no such fault: ${String(fault satisfies never)}`);
    }
  }
}

/** Answers one HTTP/1.1 request; what only HTTP/2 has ends the connection instead. */
export class Http1Reply implements Reply {
  readonly #request: Http2ServerRequest;
  readonly #response: Http2ServerResponse;

  constructor(request: Http2ServerRequest, response: Http2ServerResponse) {
    this.#request = request;
    this.#response = response;
  }

  gone(): boolean {
    return this.#request.socket.destroyed;
  }

  send({ status, headers, body }: WireAnswer): void {
    this.#response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
    this.#response.end(body);
  }

  fail(fault: Fault): void {
    switch (fault) {
      case 'hang':
        return;
      case 'close':
      case 'reset':
      case 'goaway':
        this.#request.socket.destroy();
        return;
      case 'huge':
        this.#response.writeHead(200, { 'content-type': 'application/json' });
        pourEndlessly(this.#response);
        return;
      case 'empty':
        this.send({ status: 200, headers: {}, body: '' });
        return;
      default:
        throw new Error(`no such fault: ${String(fault satisfies never)}`);
    }
  }
}

/** Writes as fast as the client reads, until it ends the stream. */
function pourEndlessly(stream: Pick<Writable, 'write' | 'on' | 'destroyed'>): void {
  const pour = () => {
    while (!stream.destroyed && stream.write(HUGE_CHUNK));
  };
  stream.on('drain', pour);
  pour();
}
