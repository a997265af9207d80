import { configSchema, looseAppSchema } from '@reveille/config';
import { closeServer, listen } from '@reveille/role';
import { eventuallyPasses } from '@reveille/testing';
import { connect } from 'node:net';
import { createConnectionLimit } from './connection-limit';
import { createHttpServer } from './http-server';

const { http } = configSchema(looseAppSchema).parse({
  http: { headers_timeout: '1s', request_timeout: '1s' },
  apps: { a: { type: 'apns' } },
});
/** More than the kernel takes for a client that does not read. */
const ANSWER = Buffer.alloc(64 * 1024 ** 2);

it('ends a connection whose whole request was answered and whose client does not read', async () => {
  const connections = createConnectionLimit(10, () => undefined);
  const server = createHttpServer({ http, connections, onPipelining: () => undefined, onRequest: (_request, response) => response.end(ANSWER) });
  const url = await listen(server, '127.0.0.1', 0);
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  try {
    socket.on('error', () => undefined);
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventuallyPasses(() => expect(connections.open()).toBe(1));
    await eventuallyPasses(() => expect(connections.open()).toBe(0));
  } finally {
    socket.destroy();
    await closeServer(server, 0);
  }
});

it('answers requests that were sent at once a few at a time, and ends a connection that sends too many', async () => {
  const connections = createConnectionLimit(10, () => undefined);
  let underWay = 0;
  let most = 0;
  let ended = 0;
  const server = createHttpServer({
    http,
    connections,
    onPipelining: () => ended++,
    onRequest: (_request, response) => {
      most = Math.max(most, ++underWay);
      setImmediate(() => {
        underWay--;
        response.end('x');
      });
    },
  });
  const url = await listen(server, '127.0.0.1', 0);
  const send = (count: number): Promise<string> =>
    new Promise((resolve) => {
      let received = '';
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      socket.setEncoding('utf8').on('data', (text: string) => (received += text));
      socket.on('error', () => undefined).on('close', () => resolve(received));
      socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(count - 1) + 'GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    });
  try {
    expect((await send(200)).match(/HTTP\/1\.1 200/g)).toHaveLength(200);
    expect(ended).toBe(0);
    await send(1000);
    expect(ended).toBe(1);
    expect(most).toBe(4);
  } finally {
    await closeServer(server, 0);
  }
});
