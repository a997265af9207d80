import type { Settings } from '@reveille/config';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionLimit } from './connection-limit';

export interface HttpServerOptions {
  readonly http: Settings<unknown>['http'];
  readonly connections: ConnectionLimit;
  /** A connection was ended whose client sends far more requests than it waits for. */
  readonly onPipelining: () => void;
  /** `beforeBody` is called before the body is read: where the client waits for it, it is then told to go on. */
  readonly onRequest: (request: IncomingMessage, response: ServerResponse, beforeBody: () => void) => void;
}

/** How late a slow client is noticed past its timeouts, in milliseconds (Node's own default is 30 s). */
const SLOW_CLIENT_CHECK_MS = 1000;
/** All headers of a request together, in bytes: Node's own default, stated because the number of headers hangs on it. */
const MAX_HEADER_BYTES = 16 * 1024;
/** Longer than our slowest answer takes, in milliseconds. */
const SLOWEST_ANSWER_MS = 5000;
/** Node's longest, in milliseconds; a longer one fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * A server that a slow client cannot hold: headers and whole requests must arrive in time (408), an idle connection ends, and so does one
 * whose client neither sends nor reads.
 */
export function createHttpServer({ http, connections, onPipelining, onRequest: handle }: HttpServerOptions): Server {
  const onRequest = oneAfterTheOther(handle, onPipelining);
  const server = createServer(
    {
      requestTimeout: http.request_timeout,
      headersTimeout: Math.min(http.headers_timeout, http.request_timeout),
      keepAliveTimeout: http.keep_alive_timeout,
      connectionsCheckingInterval: SLOW_CLIENT_CHECK_MS,
      maxHeaderSize: MAX_HEADER_BYTES,
    },
    (request, response) => onRequest(request, response, nothing),
  );
  // Node drops the headers past a number of them without a word: a stranger could push out the X-Forwarded-For that a
  // trusted proxy appends. Their bytes are bounded above.
  server.maxHeadersCount = 0;
  // Without activity at all. The timeouts above end with the last byte of a request: this ends what waits for a client to read.
  server.timeout = Math.min(http.request_timeout + SLOWEST_ANSWER_MS, MAX_TIMER_MS);
  // RFC 9110, 10.1.1: a request that is refused anyway is refused before its body is sent.
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    onRequest(request, response, () => response.writeContinue());
  });
  connections.watch(server);
  return server;
}

/** Requests of one connection that are worked on at once; homeservers send one, and wait for its answer. */
const MAX_AT_ONCE = 4;
/** Requests of one connection that may wait for those before them. */
const MAX_WAITING = 256;

interface Pipeline {
  underWay: number;
  readonly waiting: (() => void)[];
}

/**
 * Requests that are sent before the last one was answered come by the hundred in one read, all in the same turn of the event
 * loop: no turn, budget or delayed refusal would slow such a client down, and nobody else would be served. So they wait for
 * each other, and a connection with too many ends (RFC 9112, 9.3.2, lets a server close).
 */
function oneAfterTheOther(onRequest: HttpServerOptions['onRequest'], onPipelining: () => void): HttpServerOptions['onRequest'] {
  const pipelines = new WeakMap<Socket, Pipeline>();
  return (request, response, beforeBody) => {
    const { socket } = request;
    const pipeline = pipelines.get(socket) ?? { underWay: 0, waiting: [] };
    pipelines.set(socket, pipeline);
    const start = (): void => {
      pipeline.underWay++;
      response.once('close', () => {
        pipeline.underWay--;
        pipeline.waiting.shift()?.();
      });
      onRequest(request, response, beforeBody);
    };
    // The parser goes on with what it has read, although its connection has ended.
    if (socket.destroyed) return;
    if (pipeline.underWay < MAX_AT_ONCE) {
      start();
    } else if (pipeline.waiting.length < MAX_WAITING) {
      pipeline.waiting.push(start);
    } else {
      onPipelining();
      pipeline.waiting.length = 0;
      socket.destroy();
    }
  };
}

function nothing(): void {
  // The client sends its body without being asked.
}
