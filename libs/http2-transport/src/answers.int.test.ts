import type { ServerHttp2Stream } from 'node:http2';
import { eventually } from '@reveille/testing';
import { MAX_ANSWER_BYTES } from './transport';
import { makeFixture, OK, post, range } from './test-servers/fixture';
import { startH2Server } from './test-servers/h2-server';
import { FRAME, okFrame, settingsFrame, startRawServer } from './test-servers/raw-server';

const fixture = makeFixture();
afterEach(() => fixture.closeAll());

describe('answers', () => {
  test('carry status, headers and body of whatever the server says', async () => {
    const server = fixture.opened(
      await startH2Server(fixture.certificate, (stream, headers, body) => {
        stream.respond({
          ':status': 429,
          'apns-id': String(headers['apns-id']),
          'retry-after': '7',
          'set-cookie': ['a=1', 'b=2'],
        });
        stream.end(JSON.stringify({ body, path: headers[':path'], authority: headers[':authority'] }));
      }),
    );
    const transport = fixture.transport(server.origin, { unindexedHeaders: ['apns-id'] });
    const result = await transport.request(
      post('/3/device/ab', { headers: { 'apns-id': 'x-1' }, body: Buffer.from('ü') }),
    );
    expect(result).toEqual({
      ok: true,
      status: 429,
      headers: { 'apns-id': 'x-1', 'retry-after': '7', 'set-cookie': 'a=1, b=2', date: expect.any(String) as unknown },
      body: JSON.stringify({ body: 'ü', path: '/3/device/ab', authority: `127.0.0.1:${server.port}` }),
    });
  });

  test('GET without a body', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate));
    expect(await fixture.transport(server.origin).request(post('/', { method: 'GET', body: '' }))).toEqual(OK);
  });

  test('500 requests at once share one connection and are answered out of order', async () => {
    const waiting: ServerHttp2Stream[] = [];
    const server = fixture.opened(
      await startH2Server(
        fixture.certificate,
        (stream, headers) => {
          waiting.push(stream);
          stream.respond({ ':status': 200, 'x-path': String(headers[':path']) });
          if (waiting.length === 500) for (const late of waiting.reverse()) late.end('x');
        },
        { settings: { maxConcurrentStreams: 1000 } },
      ),
    );
    const transport = fixture.transport(server.origin);
    const results = await Promise.all(range(500).map((index) => transport.request(post(`/${index}`))));
    expect(results).toEqual(
      range(500).map(
        (index) =>
          expect.objectContaining({
            ok: true,
            headers: expect.objectContaining({ 'x-path': `/${index}` }) as unknown,
          }) as unknown,
      ),
    );
    expect(server.sessions).toHaveLength(1);
    await eventually(() => transport.stats().inFlight === 0);
    expect(transport.stats()).toEqual({ sessions: 1, inFlight: 0, waiting: 0 });
  });

  test('an answer that comes before the whole request was read frees the stream', async () => {
    const server = fixture.opened(
      await startRawServer(
        fixture.certificate,
        (connection) => connection.write(settingsFrame(1)),
        // No window is opened for the body, and no RST_STREAM stops it.
        ({ type, streamId }, connection) => type === FRAME.headers && connection.write(okFrame(streamId)),
      ),
    );
    const transport = fixture.transport(server.origin, { maxSessions: 1 });
    const body = Buffer.alloc(1024 * 1024);
    for (let count = 0; count < 3; count += 1) expect(await transport.request(post('/', { body }))).toEqual(OK);
    await eventually(() => transport.stats().inFlight === 0);
  });

  test('longer than the cap is a failure, exactly the cap is not, and the connection stays', async () => {
    const server = fixture.opened(
      await startH2Server(fixture.certificate, (stream, headers) => {
        stream.respond({ ':status': 200 });
        stream.end(Buffer.alloc(Number(String(headers[':path']).slice(1)), 'x'));
      }),
    );
    const transport = fixture.transport(server.origin);
    const longest = await transport.request(post(`/${MAX_ANSWER_BYTES}`));
    expect(longest.ok && longest.body.length).toBe(MAX_ANSWER_BYTES);
    expect(await transport.request(post(`/${MAX_ANSWER_BYTES + 1}`))).toMatchObject({
      kind: 'answer-too-large',
      sent: true,
    });
    expect(await transport.request(post('/1'))).toEqual(OK);
    expect(server.sessions).toHaveLength(1);
  });

  test('an endless body ends at the cap and gives its stream back', async () => {
    const server = fixture.opened(
      await startH2Server(fixture.certificate, (stream) => {
        stream.respond({ ':status': 200 });
        const more = (): void => {
          while (!stream.destroyed && stream.write(Buffer.alloc(16 * 1024)));
        };
        stream.on('drain', more);
        more();
      }),
    );
    const transport = fixture.transport(server.origin);
    const results = await Promise.all(range(20).map(() => transport.request(post())));
    expect(results.every((result) => !result.ok && result.kind === 'answer-too-large')).toBe(true);
    await eventually(() => transport.stats().inFlight === 0);
  });

  test('a request that HTTP/2 cannot carry fails alone and sends nothing', async () => {
    const server = fixture.opened(await startH2Server(fixture.certificate));
    const transport = fixture.transport(server.origin);
    const bad = post('/', { headers: { 'bad name': 'x' } });
    const results = await Promise.all([
      transport.request(post('/1')),
      transport.request(bad),
      transport.request(post('/2')),
    ]);
    expect(results).toEqual([OK, expect.objectContaining({ kind: 'protocol', sent: false }), OK]);
    expect(server.received).toEqual(['/1', '/2']);
  });
});
