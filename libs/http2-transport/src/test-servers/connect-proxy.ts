import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { listen, portOf } from './listen';

/** A real HTTP proxy that tunnels, or answers CONNECT with a status of the test's choice. */
export interface ConnectProxy {
  readonly port: number;
  /** Every CONNECT: its authority and its headers. */
  readonly requests: { readonly authority: string; readonly headers: IncomingMessage['headers'] }[];
  close(): Promise<void>;
}

/** `toPort`: where every tunnel leads, whatever its authority. */
export async function startConnectProxy(
  refuse: (headers: IncomingMessage['headers']) => number | undefined,
  toPort?: number,
): Promise<ConnectProxy> {
  const requests: ConnectProxy['requests'] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    requests.push({ authority: request.url ?? '', headers: request.headers });
    client.on('error', () => undefined);
    const status = refuse(request.headers);
    if (status !== undefined) {
      client.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const [host, port] = (request.url ?? '').split(':');
    const origin = connect(toPort ?? Number(port), toPort === undefined ? host : '127.0.0.1', () =>
      client.write('HTTP/1.1 200 Connection established\r\n\r\n'),
    );
    sockets.add(origin);
    origin.on('error', () => client.destroy());
    origin.pipe(client).pipe(origin);
  });
  await listen(server);
  return {
    port: portOf(server),
    requests,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
