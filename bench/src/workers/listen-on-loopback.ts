import type { AddressInfo, Server } from 'node:net';

/** Listens on any free port of 127.0.0.1; resolves with it. */
export function listenOnLoopback(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port); // listening on TCP: neither null nor a pipe's name
    });
  });
}
