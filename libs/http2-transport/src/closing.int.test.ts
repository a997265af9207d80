import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerHttp2Stream } from 'node:http2';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build, stop } from 'esbuild';
import { eventually } from '@reveille/testing';
import { makeFixture, OK, post, range } from './test-servers/fixture';
import { startH2Server } from './test-servers/h2-server';
import { listen, portOf } from './test-servers/listen';

const fixture = makeFixture();
afterEach(() => fixture.closeAll());

const run = promisify(execFile);
const CLOSED_UNSENT = { ok: false, kind: 'closed', message: 'the transport is closed', sent: false };

describe('close', () => {
  test('lets requests in flight finish, takes no new ones, and fails those that wait', async () => {
    const held: ServerHttp2Stream[] = [];
    const server = fixture.opened(
      await startH2Server(fixture.certificate, (stream) => held.push(stream), {
        settings: { maxConcurrentStreams: 2 },
      }),
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
  test('keeps its connection, but not the process: one that never closes it ends by itself', async () => {
    const directory = fixture.opened(await temporaryFolder());
    const script = join(directory.path, 'use-transport.cjs');
    await build({
      stdin: { contents: scriptText(), resolveDir: __dirname, loader: 'ts' },
      bundle: true,
      platform: 'node',
      outfile: script,
    });
    await stop();

    const server = fixture.opened(await startH2Server(fixture.certificate));
    const { stdout } = await run(process.execPath, [script, server.origin, fixture.certificate.ca], {
      timeout: 10_000,
    });
    expect(stdout).toBe('{"sessions":1,"inFlight":0,"waiting":0}');
    expect(server.received).toHaveLength(10);
  });
});

function scriptText(): string {
  return `
    import { createHttp2Transport } from './create-transport';
    const transport = createHttp2Transport({ origin: process.argv[2], ca: process.argv[3] });
    const request = { method: 'POST', path: '/', headers: {}, body: '', timeoutMs: 60_000 };
    const ten = Promise.all(Array.from({ length: 10 }, () => transport.request(request)));
    ten.then(() => setImmediate(() => process.stdout.write(JSON.stringify(transport.stats()))));
  `;
}

async function temporaryFolder() {
  const path = await mkdtemp(join(tmpdir(), 'reveille-transport-'));
  return { path, close: () => rm(path, { recursive: true }) };
}
