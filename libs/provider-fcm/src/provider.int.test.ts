import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';

import type { Provider } from '@reveille/provider';
import { startSimulator } from '@reveille/simulator';
import type { SimulatorCommand } from '@reveille/simulator';

import type { DispatchParts } from './test-dispatch';
import { push, startTestProvider, useTestFcm } from './test-fcm';

const INVALID_TOKEN = 'The registration token is not a valid FCM registration token';

const { simulator, startProvider } = useTestFcm(startSimulator);

const answer = (status: number, rest: object = {}): SimulatorCommand => ({
  provider: 'fcm',
  answer: { status, ...rest },
});
const fault = (name: Extract<SimulatorCommand['answer'], { fault: unknown }>['fault']): SimulatorCommand => ({
  provider: 'fcm',
  answer: { fault: name },
});
const token = (command: SimulatorCommand['answer']): SimulatorCommand => ({ provider: 'token', answer: command });

describe('a push', () => {
  it('arrives as FCM wants it', async () => {
    const provider = startProvider();
    const outcome = await provider.send(
      push({
        device: { pushkey: 'device-1', defaultPayload: { kind: 'object', value: { nested: { a: 1 } } } },
        notification: {
          type: 'm.room.message',
          content: { text: { body: 'x'.repeat(4000), more: '🦄'.repeat(900), bad: 'a\ud800' }, offersVideo: false },
          counts: { unread: 2 },
        },
      }),
    );
    expect(outcome).toMatchObject({ kind: 'delivered', answer: { status: 200 } });
    const [received] = simulator().received();
    expect(received).toMatchObject({
      pushkey: 'device-1',
      status: 200,
      payload: { message: { token: 'device-1', data: { nested: '{"a":1}', unread: '2', content_bad: 'a\ufffd' } } },
    });
  });

  it('needs one access token for many, which it tells the end of', async () => {
    const provider = startProvider();
    expect(provider.credentials()).toEqual([]);
    const before = simulator().stats().accessTokensIssued;
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => provider.send(push())));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['delivered']));
    expect(simulator().stats().accessTokensIssued - before).toBe(1);
    const [expiry] = provider.credentials();
    expect(expiry?.credential).toBe('access_token');
    expect(expiry?.expiresAt).toBeGreaterThan(Date.now());
  });

  it.each<[string, DispatchParts, string]>([
    ['an empty pushkey', { device: { pushkey: '' } }, 'rejected'],
    ['a malformed template', { device: { defaultPayload: { kind: 'malformed' } } }, 'rejected'],
    ['nothing to send', { withoutIds: true }, 'skipped'],
  ])('with %s is not sent, and no token is fetched', async (_name, parts, kind) => {
    const before = simulator().stats().accessTokensIssued;
    expect((await startProvider().send(push(parts))).kind).toBe(kind);
    expect(simulator().received()).toEqual([]);
    expect(simulator().stats().accessTokensIssued).toBe(before);
  });
});

describe('every row of the table, from a real answer', () => {
  let shared: Provider;
  beforeAll(() => {
    shared = startTestProvider(simulator());
  });
  afterAll(() => shared.close(0));

  it.each<[string, SimulatorCommand, object]>([
    ['UNREGISTERED', answer(404, { errorCode: 'UNREGISTERED' }), { kind: 'rejected', suspect: false }],
    ['an invalid token', answer(400, { errorCode: 'INVALID_ARGUMENT', message: INVALID_TOKEN }), { kind: 'rejected' }],
    ['another invalid argument', answer(400, { errorCode: 'INVALID_ARGUMENT' }), { kind: 'undeliverable' }],
    ['SENDER_ID_MISMATCH', answer(403, { errorCode: 'SENDER_ID_MISMATCH' }), { kind: 'rejected', suspect: true }],
    ['404 without UNREGISTERED', answer(404), { kind: 'parked' }],
    ['401 twice', answer(401), { kind: 'parked', reason: 'http-401' }],
    ['403', answer(403), { kind: 'parked' }],
    ['THIRD_PARTY_AUTH_ERROR', answer(401, { errorCode: 'THIRD_PARTY_AUTH_ERROR' }), { kind: 'parked' }],
    ['429', answer(429, { errorCode: 'QUOTA_EXCEEDED' }), { kind: 'deferred', scope: 'app', retryAfterMs: 60_000 }],
    [
      '429 with Retry-After in seconds',
      answer(429, { errorCode: 'QUOTA_EXCEEDED', retryAfter: '33' }),
      { kind: 'deferred', scope: 'app', retryAfterMs: 33_000 },
    ],
    ['500', answer(500, { errorCode: 'INTERNAL' }), { kind: 'deferred', scope: 'push', retryAfterMs: 10_000 }],
    [
      '503 with Retry-After',
      answer(503, { errorCode: 'UNAVAILABLE', retryAfter: '33' }),
      { kind: 'deferred', scope: 'push', retryAfterMs: 33_000 },
    ],
    ['HTML', answer(502, { body: '<!DOCTYPE html>' }), { kind: 'deferred', reason: 'http-502' }],
    ['an empty 200', fault('empty'), { kind: 'delivered' }],
    ['an endless answer', fault('huge'), { kind: 'deferred', reason: 'answer-too-large' }],
    ['a closed connection', fault('close'), { kind: 'deferred', reason: 'closed' }],
    ['a reset stream', fault('reset'), { kind: 'deferred', reason: 'reset' }],
  ])('%s', async (_name, command, expected) => {
    simulator().command(command);
    // A broken connection is followed by a pause, which is not what the next row is about.
    const provider = 'fault' in command.answer ? startProvider() : shared;
    expect(await provider.send(push())).toMatchObject(expected);
  });

  it('Retry-After as an HTTP date', async () => {
    simulator().command(answer(429, { errorCode: 'QUOTA_EXCEEDED', retryAfter: 'Thu, 01 Jan 2026 00:02:00 GMT' }));
    const now = () => Date.UTC(2026, 0, 1);
    // The simulator looks at the assertion's times by its own clock: the token endpoint is told to take any.
    simulator().command(token({ status: 200, body: '{"access_token":"any","expires_in":60}' }));
    expect(await startProvider({}, { now }).send(push())).toMatchObject({ kind: 'deferred', retryAfterMs: 120_000 });
  });

  it('no answer', async () => {
    simulator().command(fault('hang'));
    const outcome = await startProvider({}, { requestTimeoutMs: 50 }).send(push());
    expect(outcome).toMatchObject({ kind: 'deferred', reason: 'timeout', retryAfterMs: 10_000 });
  });

  it('nobody there', async () => {
    const outcome = await startProvider({ url: 'https://127.0.0.1:1' }).send(push());
    expect(outcome).toMatchObject({ kind: 'deferred', reason: 'connect' });
  });

  it('another project', async () => {
    const outcome = await startProvider({ project_id: 'other' }).send(push());
    expect(outcome).toMatchObject({ kind: 'parked', answer: { status: 403 } });
  });

  it('GOAWAY: the push goes out on a new connection', async () => {
    const provider = startProvider();
    await provider.send(push());
    simulator().goaway();
    expect(await provider.send(push())).toMatchObject({ kind: 'delivered' });
  });
});

describe('a proxy', () => {
  it('is used for FCM and for the token endpoint, with its password', async () => {
    const asked: string[] = [];
    const proxy = createServer().listen(0, '127.0.0.1');
    proxy.on('connect', (request, client) => {
      asked.push(`${request.url ?? ''} ${request.headers['proxy-authorization'] ?? ''}`);
      const upstream = connect(Number(request.url?.split(':')[1]), '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n');
        client.pipe(upstream).pipe(client);
      });
      client.on('error', () => undefined).on('close', () => upstream.destroy());
      upstream.on('error', () => undefined).on('close', () => client.destroy());
    });
    await new Promise((resolve) => proxy.once('listening', resolve));
    const { port } = proxy.address() as AddressInfo; // a TCP server's address is never a string
    try {
      const provider = startProvider({}, { proxy: `http://user:pass%21@127.0.0.1:${port}` });
      expect(await provider.send(push())).toMatchObject({ kind: 'delivered' });
      const credentials = `Basic ${Buffer.from('user:pass!').toString('base64')}`;
      const hosts = [simulator().fcmUrl, simulator().tokenUrl].map((url) => new URL(url).host);
      expect(asked.sort()).toEqual(hosts.map((host) => `${host} ${credentials}`).sort());
      await provider.close(0);
    } finally {
      await new Promise((resolve) => proxy.close(resolve));
    }
  });

  it('may differ by origin', async () => {
    const { origin: fcm } = new URL(simulator().fcmUrl);
    const proxy = (origin: string) => (origin === fcm ? 'http://127.0.0.1:1' : undefined);
    const outcome = await startProvider({}, { proxy }).send(push());
    expect(outcome).toMatchObject({ kind: 'deferred', reason: expect.stringMatching(/^(proxy|connect)$/) as string });
    expect(simulator().stats().accessTokensIssued).toBeGreaterThan(0);
  });
});

describe('what goes wrong', () => {
  it('never tells of the pushkey or the content', async () => {
    const parts = { device: { pushkey: 'secret-pushkey' }, notification: { roomName: 'secret room' } };
    const provider = startProvider();
    for (const status of [400, 403, 404, 429, 503]) {
      simulator().command(answer(status, { message: 'about secret-pushkey and secret room' }));
      expect(JSON.stringify(await provider.send(push(parts)))).not.toContain('secret');
      simulator().clearCommands();
    }
  });
});
