import type { AddressInfo, Server } from 'node:net';

export const LOOPBACK = '127.0.0.1';

/**
 * Listens on loopback and returns the port; 0 is any free one.
 *
 * @throws the listen error, e.g. EADDRINUSE.
 */
export async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // A TCP server that listens has an AddressInfo; a string is for pipes.
  return (server.address() as AddressInfo).port;
}
