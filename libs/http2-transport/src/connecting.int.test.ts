import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { eventually } from '@reveille/testing';
import { makeCertificate } from './test-servers/certificate';
import { makeFixture, OK, post, range } from './test-servers/fixture';
import { answerOk, startH2Server } from './test-servers/h2-server';
import { listen, portOf } from './test-servers/listen';
import { createHttp2Transport } from './create-transport';

const fixture = makeFixture();
const strangers = makeCertificate();
afterEach(() => fixture.closeAll());

/** A port on which nothing listens; free a moment ago. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await listen(server);
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Accepts connections and leaves them to the test. */
async function startSilentServer(onConnection: (socket: Socket) => void = () => undefined) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  await listen(server);
  const close = (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return fixture.opened({ origin: `https://127.0.0.1:${portOf(server)}`, sockets, close });
}

describe('connecting', () => {
  test('requests that come during the attempt share it', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate));
    const transport = fixture.transport(server.origin);
    expect(transport.stats()).toEqual({ sessions: 0, inFlight: 0, waiting: 0 });
    expect(await Promise.all(range(50).map(() => transport.request(post())))).toEqual(range(50).map(() => OK));
    expect(server.sessions).toHaveLength(1);
  });

  test('refused: all waiting fail with it, the next ones at once, and it recovers after the pause', async () => {
    const port = await closedPort();
    const clock = { ms: 0 };
    const transport = fixture.transport(`https://127.0.0.1:${port}`, {
      tuning: { now: () => clock.ms, backoffBaseMs: 500 },
    });
    const results = await Promise.all(range(3).map(() => transport.request(post())));
    for (const result of results)
      expect(result).toMatchObject({
        kind: 'connect',
        message: expect.stringContaining('ECONNREFUSED') as unknown,
        sent: false,
      });

    const server = fixture.opened(await startH2Server(fixture.certificate, answerOk, {}, port));
    clock.ms += 249;
    expect(await transport.request(post())).toMatchObject({ kind: 'connect', sent: false });
    expect(server.sessions).toHaveLength(0);
    clock.ms += 252;
    expect(await transport.request(post())).toEqual(OK);
  });

  test('a name that does not exist is a failure to connect', async () => {
    const transport = fixture.transport('https://does-not-exist.invalid');
    expect(await transport.request(post())).toMatchObject({ kind: 'connect', sent: false });
  });

  test('a certificate that nobody vouches for is refused, and nothing is sent', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate));
    const transport = fixture.transport(server.origin, { ca: strangers.ca });
    expect(await transport.request(post())).toMatchObject({ kind: 'tls', sent: false });
    expect(server.received).toEqual([]);
  });

  test('by name as well as by address', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate));
    expect(await fixture.transport(`https://localhost:${server.port}`).request(post())).toEqual(OK);
  });

  test('without `ca` the test authority is not trusted', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate));
    const transport = createHttp2Transport({ origin: server.origin });
    expect(await transport.request(post())).toMatchObject({ kind: 'tls', sent: false });
    await transport.close(0);
  });

  test('a client certificate is shown', async () => {
    const { ca, cert, key } = fixture.certificate;
    const options = { ca, requestCert: true, rejectUnauthorized: true };
    const server = fixture.opened(await startH2Server(fixture.certificate, answerOk, options));
    const known = fixture.transport(server.origin, { cert, key });
    expect(await known.request(post())).toEqual(OK);
    // TLS 1.3: the refusal of a missing one comes after the client's handshake is over.
    expect(await fixture.transport(server.origin).request(post())).toMatchObject({ ok: false, sent: false });
  });

  test('a server without HTTP/2 is refused', async () => {
    const { cert, key } = fixture.certificate;
    const server = createTlsServer({ cert, key, ALPNProtocols: ['http/1.1'] }).on('tlsClientError', () => undefined);
    const noAlpn = createTlsServer({ cert, key });
    for (const each of [server, noAlpn]) {
      await listen(each);
      fixture.opened({ close: () => new Promise<void>((resolve) => each.close(() => resolve())) });
      const transport = fixture.transport(`https://127.0.0.1:${portOf(each)}`);
      expect(await transport.request(post())).toMatchObject({ kind: 'tls', sent: false });
    }
  });

  test.each([
    ['that never speaks', () => undefined, 'connect'],
    ['that speaks no TLS', (socket: Socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'), 'tls'],
    ['that hangs up', (socket: Socket) => void socket.destroy(), 'tls'],
  ])('a server %s', async (_name, onConnection, kind) => {
    const server = await startSilentServer(onConnection);
    const transport = fixture.transport(server.origin, { tuning: { connectTimeoutMs: 200 } });
    expect(await transport.request(post())).toMatchObject({ ok: false, kind, sent: false });
    expect(transport.stats()).toEqual({ sessions: 0, inFlight: 0, waiting: 0 });
  });

  test('a deadline shorter than the attempt counts', async () => {
    const server = await startSilentServer();
    const transport = fixture.transport(server.origin);
    expect(await transport.request(post('/', { timeoutMs: 50 }))).toMatchObject({ kind: 'timeout', sent: false });
    expect(transport.stats().waiting).toBe(0);
  });

  test('one attempt at a time, however many ask', async () => {
    const server = await startSilentServer();
    const transport = fixture.transport(server.origin, { tuning: { connectTimeoutMs: 300 } });
    const results = range(100).map(() => transport.request(post()));
    await eventually(() => server.sockets.length > 0);
    await Promise.all(results);
    expect(server.sockets).toHaveLength(1);
  });

  test.each([
    ['http://127.0.0.1:1', {}],
    ['not a url', {}],
    ['https://127.0.0.1:1', { cert: 'not a certificate' }],
    ['https://127.0.0.1:1', { key: 'not a key' }],
  ])('a wrong setting shows at once: %s %p', (origin, options) => {
    expect(() => createHttp2Transport({ origin, ...options })).toThrow();
  });
});
