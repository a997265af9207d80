import type { ServerHttp2Stream } from 'node:http2';
import { eventually } from '@reveille/testing';
import { makeFixture, OK, post, range } from './test-servers/fixture';
import { answerOk, startH2Server } from './test-servers/h2-server';
import { frame, FRAME, okFrame, settingsFrame, startRawServer } from './test-servers/raw-server';

const fixture = makeFixture();
afterEach(() => fixture.closeAll());

describe('the stream limit of the peer', () => {
  test('nothing is sent before the first SETTINGS, and then no more than they allow', async () => {
    const server = fixture.opened(await startRawServer(fixture.certificate, () => undefined));
    const transport = fixture.transport(server.origin, { maxSessions: 1 });
    const results = range(5).map((index) => transport.request(post(`/${index}`)));
    const connection = await eventually(() => server.connections[0]);
    await eventually(() => connection.frames.some(({ type }) => type === FRAME.settings));
    expect(transport.stats()).toEqual({ sessions: 0, inFlight: 0, waiting: 5 });

    connection.write(settingsFrame(2));
    await eventually(() => connection.frames.filter(({ type }) => type === FRAME.headers).length === 2);
    expect(transport.stats()).toEqual({ sessions: 1, inFlight: 2, waiting: 3 });
    for (const streamId of [1, 3, 5, 7, 9]) {
      await eventually(() =>
        connection.frames.some((seen) => seen.type === FRAME.headers && seen.streamId === streamId),
      );
      connection.write(okFrame(streamId));
    }
    expect(await Promise.all(results)).toEqual(range(5).map(() => OK));
    expect(server.connections).toHaveLength(1);
  });

  test('1 until the first answer, then 1000, as APNs does: one connection serves all', async () => {
    const server = fixture.opened(
      await startH2Server(
        fixture.certificate,
        (stream, headers, body) => {
          const { session } = stream;
          answerOk(stream, headers, body);
          // Behind the answer: what comes first must not look like a full connection that needs a second one.
          if (server.received.length === 1) setImmediate(() => session?.settings({ maxConcurrentStreams: 1000 }));
        },
        { settings: { maxConcurrentStreams: 1 } },
      ),
    );
    const transport = fixture.transport(server.origin);
    expect(await Promise.all(range(300).map(() => transport.request(post())))).toEqual(range(300).map(() => OK));
    expect(server.sessions).toHaveLength(1);
    expect(server.mostConcurrent()).toBeGreaterThan(1);
  });

  test('lowered to 1 under load, then raised: never more than allowed, nothing lost', async () => {
    const held: ServerHttp2Stream[] = [];
    const finish = (): void => {
      for (const stream of held.splice(0)) stream.respond({ ':status': 200 }, { endStream: true });
    };
    const server = fixture.opened(
      await startH2Server(fixture.certificate, (stream) => held.push(stream), {
        settings: { maxConcurrentStreams: 10 },
      }),
    );
    const transport = fixture.transport(server.origin, { maxSessions: 1 });
    const results = range(40).map(() => transport.request(post()));
    await eventually(() => held.length === 10);

    const session = server.sessions[0];
    await new Promise<void>((resolve) => session?.settings({ maxConcurrentStreams: 1 }, () => resolve()));
    finish();
    for (let round = 0; round < 5; round += 1) {
      await eventually(() => held.length > 0);
      expect(held).toHaveLength(1);
      expect(transport.stats().inFlight).toBe(1);
      finish();
    }

    session?.settings({ maxConcurrentStreams: 100 });
    await eventually(() => held.length === 25);
    finish();
    expect(await Promise.all(results)).toEqual(range(40).map(() => OK));
    expect(server.received).toHaveLength(40);
  });

  test('waiting requests go in order, and one whose deadline passes in the queue was not sent', async () => {
    const held: ServerHttp2Stream[] = [];
    const server = fixture.opened(
      await startH2Server(fixture.certificate, (stream) => held.push(stream), {
        settings: { maxConcurrentStreams: 1 },
      }),
    );
    const transport = fixture.transport(server.origin, { maxSessions: 1 });
    const first = transport.request(post('/first'));
    await eventually(() => held.length === 1);
    const late = transport.request(post('/late', { timeoutMs: 20 }));
    const others = range(3).map((index) => transport.request(post(`/${index}`)));

    expect(await late).toMatchObject({ kind: 'timeout', sent: false });
    for (let count = 0; count < 4; count += 1) {
      const stream = await eventually(() => held.shift());
      stream.respond({ ':status': 200 }, { endStream: true });
    }
    expect(await Promise.all([first, ...others])).toEqual(range(4).map(() => OK));
    expect(server.received).toEqual(['/first', '/0', '/1', '/2']);
  });

  test('further sessions are opened only when all are full, and no more than allowed', async () => {
    const held: ServerHttp2Stream[] = [];
    let isHolding = false;
    const server = fixture.opened(
      await startH2Server(
        fixture.certificate,
        (stream, headers, body) => (isHolding ? held.push(stream) : answerOk(stream, headers, body)),
        { settings: { maxConcurrentStreams: 5 } },
      ),
    );
    const transport = fixture.transport(server.origin, { maxSessions: 3, tuning: { growthPatienceMs: 0 } });
    await transport.request(post());
    // An answer is complete a moment before its stream has given its place free.
    await eventually(() => transport.stats().inFlight === 0);
    isHolding = true;
    const few = range(5).map(() => transport.request(post()));
    await eventually(() => held.length === 5);
    expect(transport.stats()).toEqual({ sessions: 1, inFlight: 5, waiting: 0 });

    const many = range(15).map(() => transport.request(post()));
    await eventually(() => held.length === 15);
    isHolding = false;
    // The time in which a fourth session would have come: a whole connection and a request of another transport.
    expect(await fixture.transport(server.origin).request(post())).toEqual(OK);
    expect(transport.stats()).toEqual({ sessions: 3, inFlight: 15, waiting: 5 });
    for (const stream of held) stream.respond({ ':status': 200 }, { endStream: true });
    expect(await Promise.all([...few, ...many])).toEqual(range(20).map(() => OK));
    expect(server.sessions).toHaveLength(4);
    expect(server.mostConcurrent()).toBeLessThanOrEqual(5);
  });

  test('a limit of 0 holds everything back until it is raised', async () => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(0)),
        ({ type, streamId }, connection) => type === FRAME.headers && connection.write(okFrame(streamId)),
      ),
    );
    const transport = fixture.transport(server.origin, { maxSessions: 1 });
    const result = transport.request(post());
    await eventually(() => transport.stats().sessions === 1);
    expect(transport.stats()).toEqual({ sessions: 1, inFlight: 0, waiting: 1 });
    server.connections[0]?.write(settingsFrame(1), frame(FRAME.ping, 0, 0, Buffer.alloc(8)));
    expect(await result).toEqual(OK);
  });

  test('a session is left before its stream ids run out', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate));
    const transport = fixture.transport(server.origin, { tuning: { retireAtStreamId: 9 } });
    for (let count = 0; count < 12; count += 1) expect(await transport.request(post())).toEqual(OK);
    expect(server.sessions).toHaveLength(3);
    await eventually(() => transport.stats().sessions === 1);
  });
});
