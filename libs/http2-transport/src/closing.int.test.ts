import type { ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { eventually } from '@reveille/testing';
import { makeFixture, OK, post, range } from './test-servers/fixture';
import { answerOk, startH2Server } from './test-servers/h2-server';
import { listen, portOf } from './test-servers/listen';

const fixture = makeFixture();
afterEach(() => fixture.closeAll());

const CLOSED_UNSENT = { ok: false, kind: 'closed', message: 'the transport is closed', sent: false };

/** Connections and timers that hold the process. */
function holding(): string[] {
  return process.getActiveResourcesInfo().filter((name) => /TLSWrap|TCPSocketWrap|Timeout/.test(name));
}

describe('close', () => {
  test('lets requests in flight finish, takes no new ones, and fails those that wait', async () => {
    const held: ServerHttp2Stream[] = [];
    const server = fixture.opened(
      await startH2Server(fixture.certificate, (stream) => held.push(stream), { settings: { maxConcurrentStreams: 2 } }),
    );
    const transport = fixture.transport(server.origin, { maxSessions: 1 });
    const inFlight = range(2).map(() => transport.request(post()));
    await eventually(() => held.length === 2);
    const waiting = transport.request(post());

    let isClosed = false;
    const closed = transport.close(10_000).then(() => (isClosed = true));
    expect(await waiting).toEqual(CLOSED_UNSENT);
    expect(await transport.request(post())).toEqual(CLOSED_UNSENT);
    expect(isClosed).toBe(false);

    for (const stream of held) stream.respond({ ':status': 200 }, { endStream: true });
    expect(await Promise.all(inFlight)).toEqual([OK, OK]);
    await closed;
    expect(transport.stats()).toEqual({ sessions: 0, inFlight: 0, waiting: 0 });
    await eventually(() => server.sessions[0]?.destroyed);
  });

  test('ends what is left after the grace, as maybe sent', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate, () => undefined));
    const transport = fixture.transport(server.origin);
    const result = transport.request(post());
    await eventually(() => server.received.length === 1);
    await transport.close(50);
    expect(await result).toEqual({ ok: false, kind: 'closed', message: 'the transport was closed', sent: true });
  });

  test('a second call may shorten the grace', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate, () => undefined));
    const transport = fixture.transport(server.origin);
    const result = transport.request(post());
    await eventually(() => server.received.length === 1);
    const first = transport.close(60_000);
    await transport.close(0);
    await first;
    expect(await result).toMatchObject({ kind: 'closed', sent: true });
  });

  test('during a connection attempt ends it', async () => {
    const silent = createServer((socket) => socket.resume().on('error', () => undefined));
    await listen(silent);
    fixture.opened({ close: () => new Promise<void>((resolve) => silent.close(() => resolve())) });
    const transport = fixture.transport(`https://127.0.0.1:${portOf(silent)}`);
    const result = transport.request(post());
    await transport.close(10_000);
    expect(await result).toEqual(CLOSED_UNSENT);
  });

  test('of a transport that was never used is immediate', async () => {
    await fixture.transport('https://127.0.0.1:1').close(10_000);
  });
});

describe('an idle transport', () => {
  test('keeps its connection, but holds neither timers nor the process', async () => {
    const before = holding();
    const server = await startH2Server(fixture.certificate, answerOk);
    // The server's own ends of connections must not count.
    server.server.on('secureConnection', (socket: TLSSocket) => socket.unref());
    const transport = fixture.transport(server.origin);
    expect(await Promise.all(range(10).map(() => transport.request(post())))).toEqual(range(10).map(() => OK));
    expect(transport.stats().sessions).toBe(1);
    await eventually(() => holding().length <= before.length);
    expect(await transport.request(post())).toEqual(OK);
    expect(server.sessions).toHaveLength(1);

    await transport.close(1_000);
    await server.close();
    await eventually(() => holding().length <= before.length);
  });
});
