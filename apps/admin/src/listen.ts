import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpServer {
  /** `http://address:port`, without a path. */
  readonly url: string;
  /** No new connections; requests under way may finish for at most `graceMs` milliseconds. */
  close(graceMs: number): Promise<void>;
}

/** People and probes ask here, and their requests are small. Milliseconds. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Serves `listener`. Rejects when the address cannot be listened on. */
export async function listen(listener: RequestListener, bindAddress: string, port: number): Promise<HttpServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: bindAddress, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // Listening on TCP: neither null nor a pipe's name.
  const { address, family, port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`,
    close: (graceMs) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(timer);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
