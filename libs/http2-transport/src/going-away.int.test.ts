import type { ServerHttp2Stream } from 'node:http2';
import { eventually } from '@reveille/testing';
import { makeFixture, OK, post, range } from './test-servers/fixture';
import { answerOk, startH2Server } from './test-servers/h2-server';
import { frame, FRAME, goawayFrame, okFrame, rstFrame, settingsFrame, startRawServer } from './test-servers/raw-server';
import type { RawConnection, RawFrame } from './test-servers/raw-server';

const fixture = makeFixture();
afterEach(() => fixture.closeAll());

const INTERNAL_ERROR = 2;
const REFUSED_STREAM = 7;
const MANY = 1000;

/** Answers every request, once the connection is at least the given one (from 0). */
function answerFrom(first: number, connections: () => readonly RawConnection[]) {
  return ({ type, streamId }: RawFrame, connection: RawConnection): void => {
    if (type === FRAME.headers && connections().indexOf(connection) >= first) connection.write(okFrame(streamId));
  };
}

describe('GOAWAY', () => {
  test('graceful, with 200 in flight: all are answered there, none is sent twice, new ones go elsewhere', async () => {
    const held: ServerHttp2Stream[] = [];
    const server = fixture.opened(
      await startH2Server(
        fixture.certificate,
        (stream, headers, body) => (held.length < 200 ? held.push(stream) : answerOk(stream, headers, body)),
        { settings: { maxConcurrentStreams: MANY } },
      ),
    );
    const transport = fixture.transport(server.origin);
    const results = range(200).map((index) => transport.request(post(`/${index}`)));
    await eventually(() => held.length === 200);

    server.sessions[0]?.goaway(0);
    // The new connection comes without waiting for a request.
    await eventually(() => server.sessions.length === 2);
    expect(await transport.request(post('/new'))).toEqual(OK);
    for (const stream of held) stream.respond({ ':status': 200 }, { endStream: true });

    expect(await Promise.all(results)).toEqual(range(200).map(() => OK));
    expect(server.received).toHaveLength(201);
    expect(new Set(server.received).size).toBe(201);
    await eventually(() => transport.stats().sessions === 1);
  });

  test('under load, again and again: nothing is lost and nothing sent twice', async () => {
    const server = fixture.opened(
      await startH2Server(
        fixture.certificate,
        (stream, headers, body) => {
          answerOk(stream, headers, body);
          if (server.received.length % 97 === 0) stream.session?.close();
        },
        { settings: { maxConcurrentStreams: MANY } },
      ),
    );
    const transport = fixture.transport(server.origin);
    const results: Promise<unknown>[] = [];
    for (let round = 0; round < 30; round += 1) {
      results.push(...range(25).map((index) => transport.request(post(`/${round}-${index}`))));
      await Promise.race(results.slice(-25));
    }
    expect(await Promise.all(results)).toEqual(range(750).map(() => OK));
    expect(new Set(server.received).size).toBe(750);
    expect(server.received).toHaveLength(750);
    expect(server.sessions.length).toBeGreaterThan(2);
  });

  test('streams above the last id go to a new connection, those below finish', async () => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(MANY)),
        (seen, connection) => {
          if (seen.type === FRAME.headers && seen.streamId === 19 && connection === server.connections[0]) {
            connection.write(goawayFrame(9));
          }
          answerFrom(1, () => server.connections)(seen, connection);
        },
      ),
    );
    const transport = fixture.transport(server.origin);
    const results = range(10).map(() => transport.request(post()));
    const second = await eventually(() => server.connections[1]);
    await eventually(() => second.frames.filter(({ type }) => type === FRAME.headers).length === 5);
    server.connections[0]?.write(...[1, 3, 5, 7, 9].map((streamId) => okFrame(streamId)));
    expect(await Promise.all(results)).toEqual(range(10).map(() => OK));
  });

  test('with an error code: streams above the last id are repeated, those below fail as maybe sent', async () => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(MANY)),
        (seen, connection) => {
          if (seen.type === FRAME.headers && seen.streamId === 7 && connection === server.connections[0]) {
            connection.write(goawayFrame(3, INTERNAL_ERROR));
          }
          answerFrom(1, () => server.connections)(seen, connection);
        },
      ),
    );
    // A pause of 0 after the failed connection: what is measured here is which requests are repeated.
    const transport = fixture.transport(server.origin, { tuning: { backoffBaseMs: 0 } });
    const results = await Promise.all(range(4).map(() => transport.request(post())));
    const closed = {
      ok: false,
      kind: 'closed',
      message: 'the connection ended after GOAWAY INTERNAL_ERROR',
      sent: true,
    };
    expect(results).toEqual([closed, closed, OK, OK]);
  });

  test('the two steps of a graceful shutdown: first 2^31-1, then the true id', async () => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(MANY)),
        (seen, connection) => {
          if (seen.type === FRAME.headers && seen.streamId === 5 && connection === server.connections[0]) {
            connection.write(
              goawayFrame(2 ** 31 - 1),
              frame(FRAME.ping, 0, 0, Buffer.alloc(8)),
              goawayFrame(1),
              okFrame(1),
            );
          }
          answerFrom(1, () => server.connections)(seen, connection);
        },
      ),
    );
    const transport = fixture.transport(server.origin);
    expect(await Promise.all(range(3).map(() => transport.request(post())))).toEqual([OK, OK, OK]);
    expect(server.connections[1]?.frames.filter(({ type }) => type === FRAME.headers)).toHaveLength(2);
  });

  test('a server that only ever says GOAWAY gets a few connections and then a pause, not a storm', async () => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(MANY)),
        ({ type }, connection) => type === FRAME.headers && connection.write(goawayFrame(0)),
      ),
    );
    const transport = fixture.transport(server.origin, { tuning: { now: () => 0 } });
    const results = await Promise.all(range(50).map(() => transport.request(post())));
    expect(new Set(results.map((result) => !result.ok && !result.sent))).toEqual(new Set([true]));
    const late = await Promise.all(range(50).map(() => transport.request(post())));
    expect(late.every((result) => !result.ok && !result.sent)).toBe(true);
    expect(server.connections.length).toBeLessThanOrEqual(2);
  });

  test('GOAWAY right behind the SETTINGS is a failed attempt', async () => {
    const server = fixture.opened(
      await startRawServer(fixture.certificate, (connection) =>
        connection.write(settingsFrame(MANY), goawayFrame(2 ** 31 - 1)),
      ),
    );
    const transport = fixture.transport(server.origin);
    expect(await transport.request(post())).toMatchObject({ ok: false, sent: false });
    expect(await transport.request(post())).toMatchObject({ ok: false, sent: false });
    expect(server.connections.length).toBeLessThanOrEqual(2);
  });
});

describe('RST_STREAM', () => {
  test('REFUSED_STREAM is repeated once, and then fails as not sent', async () => {
    const seenStreams: number[] = [];
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(MANY)),
        ({ type, streamId }, connection) => {
          if (type !== FRAME.headers) return;
          seenStreams.push(streamId);
          connection.write(seenStreams.length === 2 ? okFrame(streamId) : rstFrame(streamId, REFUSED_STREAM));
        },
      ),
    );
    const transport = fixture.transport(server.origin);
    expect(await transport.request(post())).toEqual(OK);
    expect(await transport.request(post())).toEqual({
      ok: false,
      kind: 'reset',
      message: 'RST_STREAM REFUSED_STREAM',
      sent: false,
    });
    expect(seenStreams).toEqual([1, 3, 5, 7]);
    expect(server.connections).toHaveLength(1);
  });

  test.each([
    ['any other code', INTERNAL_ERROR, false],
    ['NO_ERROR without an answer', 0, false],
    ['any code within an answer', REFUSED_STREAM, true],
  ])('%s is a failure, maybe sent, and never repeated', async (_name, code, afterHeaders) => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(MANY)),
        ({ type, streamId }, connection) => {
          if (type === FRAME.headers)
            connection.write(...(afterHeaders ? [okFrame(streamId, false)] : []), rstFrame(streamId, code));
        },
      ),
    );
    const transport = fixture.transport(server.origin);
    expect(await transport.request(post())).toMatchObject({ ok: false, kind: 'reset', sent: true });
    expect(server.connections[0]?.frames.filter(({ type }) => type === FRAME.headers)).toHaveLength(1);
    expect(transport.stats()).toEqual({ sessions: 1, inFlight: 0, waiting: 0 });
  });
});
