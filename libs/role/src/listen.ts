import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Listens on an address; resolves with `http://address:port`, rejects when that cannot be had. */
export async function listen(server: Server, host: string, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const { address, family, port: taken } = server.address() as AddressInfo; // listening on TCP: neither null nor a pipe's name
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
}

/** No new connections; requests under way may finish for at most `graceMs` milliseconds. */
export function closeServer(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => server.closeAllConnections(), graceMs);
    server.close(() => {
      clearTimeout(timer);
      resolve();
    });
    server.closeIdleConnections();
  });
}
