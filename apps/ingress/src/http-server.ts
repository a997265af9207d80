import type { Settings } from '@reveille/config';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ConnectionLimit } from './connection-limit';

export interface HttpServerOptions {
  readonly http: Settings<unknown>['http'];
  readonly connections: ConnectionLimit;
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
export function createHttpServer({ http, connections, onRequest }: HttpServerOptions): Server {
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

function nothing(): void {
  // The client sends its body without being asked.
}
