import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Registry } from 'prom-client';

import { errorCode } from './describe-error';
import type { Logger } from './logger';
import type { Readiness } from './readiness';
import { securityHeaders } from './security-headers';

export interface MetricsServerOptions {
  readonly registry: Registry;
  /** What /ready shows; see `createReadiness`. */
  readonly health: () => Promise<Readiness>;
  readonly bindAddress: string;
  /** 0: any free one. */
  readonly port: number;
  readonly logger: Logger;
}

export interface MetricsServer {
  /** `http://address:port`, without a path. */
  readonly url: string;
  /** Ends open connections as well: nothing of worth is under way here. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** A request is one line and a few headers. Milliseconds. */
const REQUEST_TIMEOUT_MS = 5_000;
/** Scrapers and probes are few; more than that is a mistake or an attack. */
const MAX_CONNECTIONS = 64;
const TEXT = 'text/plain; charset=utf-8';
const JSON_TYPE = 'application/json; charset=utf-8';

/**
 * The port for machines: `GET /metrics` (Prometheus), `GET /health` (200 while the process is alive, whatever else is
 * wrong: a restart cures no Redis) and `GET /ready` (503 with the reasons while it cannot do its work).
 *
 * Rejects if the address cannot be listened on.
 */
export async function startMetricsServer(options: MetricsServerOptions): Promise<MetricsServer> {
  const server = createServer(
    {
      requestTimeout: REQUEST_TIMEOUT_MS,
      headersTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: REQUEST_TIMEOUT_MS,
    },
    (request, response) => void answer(request, response, options),
  );
  server.maxConnections = MAX_CONNECTIONS;
  await listen(server, options);
  return {
    url: urlOf(server),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { bindAddress, port }: MetricsServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: bindAddress, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo; // listening on TCP: neither null nor a pipe's name
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  options: MetricsServerOptions,
): Promise<void> {
  const { status, contentType, body } = await route(request, options).catch((error: unknown): Answer => {
    options.logger.error({ error, code: errorCode(error) }, 'metrics could not be collected');
    return { status: 500, contentType: TEXT, body: 'metrics could not be collected\n' };
  });
  response.writeHead(status, {
    ...securityHeaders,
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 405 && { allow: 'GET, HEAD' }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function route(
  { method, url = '' }: IncomingMessage,
  { registry, health }: MetricsServerOptions,
): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, contentType: TEXT, body: 'only GET\n' };
  }
  switch (pathOf(url)) {
    case '/metrics':
      return { status: 200, contentType: registry.contentType, body: await registry.metrics() };
    case '/health':
      return json(200, { status: 'ok' });
    case '/ready': {
      const readiness = await health();
      return json(readiness.ready ? 200 : 503, readiness);
    }
    default:
      return { status: 404, contentType: TEXT, body: 'GET /metrics, /health or /ready\n' };
  }
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

function json(status: number, value: object): Answer {
  return { status, contentType: JSON_TYPE, body: `${JSON.stringify(value)}\n` };
}
