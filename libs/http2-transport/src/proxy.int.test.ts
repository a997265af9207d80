import { createServer } from 'node:net';
import { startConnectProxy } from './test-servers/connect-proxy';
import { makeFixture, OK, post, range } from './test-servers/fixture';
import { startH2Server } from './test-servers/h2-server';
import { listen, portOf } from './test-servers/listen';

const fixture = makeFixture();
afterEach(() => fixture.closeAll());

const PASSWORD = 'p@ss:wörd%';

describe('an HTTP proxy', () => {
  test('tunnels, once for many requests, and gets neither credentials nor headers that are not its own', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate));
    const proxy = fixture.opened(await startConnectProxy(() => undefined));
    const transport = fixture.transport(server.origin, { proxy: `http://127.0.0.1:${proxy.port}` });
    expect(await Promise.all(range(20).map(() => transport.request(post())))).toEqual(range(20).map(() => OK));
    expect(proxy.requests.map(({ authority }) => authority)).toEqual([`127.0.0.1:${server.port}`]);
    expect(Object.keys(proxy.requests[0]?.headers ?? {}).sort()).toEqual(['connection', 'host']);
  });

  test('gets Basic credentials, decoded from the URL', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate));
    const expected = `Basic ${Buffer.from(`user:${PASSWORD}`).toString('base64')}`;
    const proxy = fixture.opened(
      await startConnectProxy((headers) => (headers['proxy-authorization'] === expected ? undefined : 407)),
    );
    const transport = fixture.transport(server.origin, {
      proxy: `http://user:${encodeURIComponent(PASSWORD)}@127.0.0.1:${proxy.port}`,
    });
    expect(await transport.request(post())).toEqual(OK);
    expect(proxy.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('that refuses is a failure of its own kind, without a word of the URL', async () => {
    const proxy = fixture.opened(await startConnectProxy(() => 407));
    const transport = fixture.transport('https://api.push.apple.com', {
      proxy: `http://user:secret@127.0.0.1:${proxy.port}`,
    });
    const result = await transport.request(post());
    expect(result).toEqual({ ok: false, kind: 'proxy', message: 'the proxy answered 407 to CONNECT', sent: false });
  });

  test('that is not there, or not a proxy, is a failure of that kind too', async () => {
    const nothing = createServer((socket) =>
      socket
        .resume()
        .on('error', () => undefined)
        .end('SSH-2.0-OpenSSH\r\n'),
    );
    await listen(nothing);
    const port = portOf(nothing);
    const proxies = [`http://127.0.0.1:${port}`, 'socks5://127.0.0.1:1', 'nonsense'];
    for (const proxy of proxies) {
      const transport = fixture.transport('https://api.push.apple.com', { proxy });
      expect(await transport.request(post())).toMatchObject({ ok: false, kind: 'proxy', sent: false });
    }
    await new Promise((resolve) => nothing.close(resolve));
    const transport = fixture.transport('https://api.push.apple.com', { proxy: `http://127.0.0.1:${port}` });
    expect(await transport.request(post())).toMatchObject({ ok: false, kind: 'proxy', sent: false });
  });

  test('that never answers CONNECT is given up in time', async () => {
    const silent = createServer((socket) => socket.resume().on('error', () => undefined));
    await listen(silent);
    fixture.opened({ close: () => new Promise<void>((resolve) => silent.close(() => resolve())) });
    const transport = fixture.transport('https://api.push.apple.com', {
      proxy: `http://127.0.0.1:${portOf(silent)}`,
      tuning: { connectTimeoutMs: 100 },
    });
    expect(await transport.request(post())).toEqual({
      ok: false,
      kind: 'proxy',
      message: 'the proxy did not answer CONNECT in time',
      sent: false,
    });
  });

  test('does not weaken TLS: the certificate is still checked against the origin', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate));
    const proxy = fixture.opened(await startConnectProxy(() => undefined, server.port));
    const through = { proxy: `http://127.0.0.1:${proxy.port}` };
    for (const origin of ['https://api.push.apple.com', 'https://127.0.0.2:2197', 'https://[::1]']) {
      expect(await fixture.transport(origin, through).request(post())).toMatchObject({ kind: 'tls', sent: false });
    }
    expect(proxy.requests.map(({ authority }) => authority)).toEqual([
      'api.push.apple.com:443',
      '127.0.0.2:2197',
      '[::1]:443',
    ]);
    expect(server.received).toEqual([]);
  });
});
