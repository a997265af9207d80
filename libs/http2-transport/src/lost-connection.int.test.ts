import { eventually } from '@reveille/testing';
import { makeFixture, OK, post, range } from './test-servers/fixture';
import { answerOk, startH2Server } from './test-servers/h2-server';
import type { RawConnection } from './test-servers/raw-server';
import {
  FLAG,
  frame,
  FRAME,
  okFrame,
  settingsFrame,
  startRawServer,
  windowUpdateFrame,
} from './test-servers/raw-server';

const fixture = makeFixture();
afterEach(() => fixture.closeAll());

const MANY = 1000;

describe('a request that is never answered', () => {
  test('fails at its deadline as maybe sent, and gives its stream back', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate, () => undefined));
    const transport = fixture.transport(server.origin);
    const results = await Promise.all(range(20).map(() => transport.request(post('/', { timeoutMs: 300 }))));
    const timeout = { ok: false, kind: 'timeout', message: 'no answer within 300 ms', sent: true };
    expect(results).toEqual(range(20).map(() => timeout));
    await eventually(() => transport.stats().inFlight === 0);
    expect(server.sessions[0]?.destroyed).toBe(false);
  });

  test('does not harm the others: 300 answers that come too late leave the connection in use', async () => {
    const late: (() => void)[] = [];
    const server = fixture.opened(
      await startH2Server(
        fixture.certificate,
        (stream, headers, body) => {
          if (headers[':path'] !== '/late') answerOk(stream, headers, body);
          else late.push(() => stream.destroyed || answerOk(stream, headers, body));
        },
        { settings: { maxConcurrentStreams: MANY } },
      ),
    );
    const transport = fixture.transport(server.origin);
    await transport.request(post());
    const results = range(300).map(() => transport.request(post('/late', { timeoutMs: 500 })));
    await eventually(() => late.length === 300);
    // Answer while the RST_STREAM frames of the client are on their way.
    const first = await Promise.race(results);
    for (const answer of late) answer();
    expect(first).toMatchObject({ kind: 'timeout', sent: true });
    await Promise.all(results);
    expect(await transport.request(post())).toEqual(OK);
    expect(server.sessions).toHaveLength(1);
  });

  test('a deadline of 0 or beyond the longest timer is taken as it is meant', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate));
    const transport = fixture.transport(server.origin);
    expect(await transport.request(post('/', { timeoutMs: 0 }))).toMatchObject({ kind: 'timeout', sent: false });
    expect(await transport.request(post('/', { timeoutMs: 2 ** 40 }))).toEqual(OK);
  });
});

describe('a connection that ends', () => {
  test.each([
    ['is cut', (socket: { destroy(): unknown }) => socket.destroy()],
    ['is closed', (socket: { end(): unknown }) => socket.end()],
  ])('half-way and %s: each request fails once, as closed and maybe sent; the next ones work', async (_name, end) => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(MANY)),
        ({ type, streamId }, connection) => {
          if (type !== FRAME.headers) return;
          if (connection !== server.connections[0] || streamId === 1) connection.write(okFrame(streamId));
          // The headers and a part of the body: Node reports 'end' for these.
          if (connection === server.connections[0] && streamId === 19) {
            connection.write(okFrame(3, false), frame(FRAME.data, 0, 3, Buffer.from('{"half":')));
            end(connection.socket);
          }
        },
      ),
    );
    const transport = fixture.transport(server.origin);
    expect(await transport.request(post())).toEqual(OK);
    const results = await Promise.all(range(9).map(() => transport.request(post())));
    for (const result of results) expect(result).toMatchObject({ ok: false, kind: 'closed', sent: true });
    expect(await transport.request(post())).toEqual(OK);
    expect(server.connections).toHaveLength(2);
  });

  test('while idle costs nothing: the next request opens a new one', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate));
    const transport = fixture.transport(server.origin);
    await transport.request(post());
    server.sessions[0]?.destroy();
    await eventually(() => server.sessions[0]?.destroyed);
    await eventually(async () => (await transport.request(post())).ok);
    expect(server.received).toHaveLength(2);
  });

  test('by a breach of the protocol is a failure of that kind, maybe sent', async () => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(MANY)),
        // An answer to a request that was never made (RFC 9113, 5.1, "idle").
        ({ type }, connection) => type === FRAME.headers && connection.write(okFrame(99)),
      ),
    );
    expect(await fixture.transport(server.origin).request(post())).toMatchObject({
      ok: false,
      kind: 'protocol',
      sent: true,
    });
  });

  test('by a breach of the protocol that Node does not report leaves no session that answers nothing', async () => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(MANY)),
        // DATA on stream 0: nghttp2 sends GOAWAY and reads no more, but the session stays open.
        ({ type }, connection) => type === FRAME.headers && connection.write(frame(FRAME.data, 0, 0, Buffer.from('x'))),
      ),
    );
    const transport = fixture.transport(server.origin, { tuning: { pingIntervalMs: 50, pingTimeoutMs: 50 } });
    expect(await transport.request(post())).toMatchObject({ ok: false, kind: 'closed', sent: true });
    await eventually(() => transport.stats().sessions === 0);
  });

  test.each<[string, number, (connection: RawConnection) => void]>([
    ['cut, all sent', MANY, ({ socket }) => socket.destroy()],
    ['cut, most waiting', 1, ({ socket }) => socket.destroy()],
    ['a breach of the protocol, most waiting', 1, (connection) => connection.write(okFrame(99))],
  ])('before any answer counts as a failed attempt: no storm of connections (%s)', async (_name, limit, end) => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(limit)),
        ({ type }, connection) => type === FRAME.headers && end(connection),
      ),
    );
    // A clock that stands still: the pause never ends.
    const transport = fixture.transport(server.origin, { tuning: { now: () => 0 } });
    for (let round = 0; round < 20; round += 1) await Promise.all(range(5).map(() => transport.request(post())));
    expect(server.connections).toHaveLength(1);
  });
});

describe('a dead peer', () => {
  const tuning = { pingIntervalMs: 50, pingTimeoutMs: 50 };

  test('that answers no PING: requests in flight fail as maybe sent, long before their deadline', async () => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(MANY)),
        ({ type, streamId }, connection) => type === FRAME.headers && streamId === 1 && connection.write(okFrame(1)),
      ),
    );
    const transport = fixture.transport(server.origin, { tuning });
    expect(await transport.request(post())).toEqual(OK);
    const results = await Promise.all(range(3).map(() => transport.request(post())));
    const closed = { ok: false, kind: 'closed', message: 'the peer does not answer PING', sent: true };
    expect(results).toEqual([closed, closed, closed]);
    await eventually(() => transport.stats().sessions === 0);
  });

  test('that reads nothing any more, with megabytes under way, is found as well', async () => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        // With windows so wide that flow control does not hold the client back: its socket shall be full.
        (connection) => connection.write(settingsFrame(MANY, 2 ** 31 - 1), windowUpdateFrame(2 ** 31 - 1 - 65_535)),
        ({ type }, connection) => type === FRAME.headers && connection.socket.pause(),
      ),
    );
    const transport = fixture.transport(server.origin, { tuning });
    const results = await Promise.all(
      range(50).map(() => transport.request(post('/', { body: Buffer.alloc(512 * 1024) }))),
    );
    for (const result of results) expect(result).toMatchObject({ kind: 'closed', sent: true });
    await eventually(() => transport.stats().sessions === 0);
  });

  test('is suspected after a deadline has passed, without waiting for the interval', async () => {
    const server = fixture.opened(
      await startRawServer(fixture.certificate, (connection) => connection.write(settingsFrame(MANY))),
    );
    const transport = fixture.transport(server.origin, { tuning: { pingTimeoutMs: 50 } });
    expect(await transport.request(post('/', { timeoutMs: 300 }))).toMatchObject({ kind: 'timeout', sent: true });
    await eventually(() => transport.stats().sessions === 0);
    expect(server.connections[0]?.frames.some(({ type }) => type === FRAME.ping)).toBe(true);
  });

  test('is not taken for one that is idle but answers PING', async () => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(MANY)),
        ({ type, flags, streamId, payload }, connection) => {
          if (type === FRAME.headers) connection.write(okFrame(streamId));
          if (type === FRAME.ping && flags === 0) connection.write(frame(FRAME.ping, FLAG.ack, 0, payload));
        },
      ),
    );
    const transport = fixture.transport(server.origin, { tuning: { pingIntervalMs: 20, pingTimeoutMs: 5_000 } });
    expect(await transport.request(post())).toEqual(OK);
    const pings = (): number => server.connections[0]?.frames.filter(({ type }) => type === FRAME.ping).length ?? 0;
    await eventually(() => pings() >= 4);
    expect(await transport.request(post())).toEqual(OK);
    expect(server.connections).toHaveLength(1);
  });
});
