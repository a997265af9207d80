import type { ClientHttp2Session } from 'node:http2';
import { connect as connectTcp } from 'node:net';

import type { Simulator } from './simulator';
import { startSimulator } from './start-simulator';
import { accessTokenFrom, apnsHeaders, connect, DEVICE_TOKEN, send } from './test-client';

// Making keys takes seconds on a machine that is busy with other tests.
jest.setTimeout(30_000);

let simulator: Simulator;
let session: ClientHttp2Session;

beforeAll(async () => {
  simulator = await startSimulator();
  session = await connect(simulator.apnsUrl, simulator);
});
afterAll(async () => {
  session.destroy();
  await simulator.close();
});

const push = async () => (await send(session, apnsHeaders(simulator), '{"aps":{"badge":3}}')).status;

async function control(method: string, path: string, body?: unknown) {
  const response = await fetch(`${simulator.controlUrl}${path}`, {
    method,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const json: unknown = response.headers.get('content-type') === 'application/json' ? JSON.parse(text) : text;
  return { status: response.status, json };
}

test('shows what it received, by pushkey if asked, the JWT by its scheme only', async () => {
  await push();
  const all = await control('GET', '/received');
  expect(all).toMatchObject({
    status: 200,
    json: [
      {
        provider: 'apns',
        pushkey: DEVICE_TOKEN,
        payload: { aps: { badge: 3 } },
        status: 200,
        headers: { authorization: 'bearer ...' },
      },
    ],
  });
  expect((await control('GET', `/received?pushkey=${DEVICE_TOKEN}`)).json).toEqual(all.json);
  expect((await control('GET', '/received?pushkey=other')).json).toEqual([]);
  expect((await control('DELETE', '/received')).status).toBe(200);
  expect((await control('GET', '/received')).json).toEqual([]);
});

test('takes commands and forgets them', async () => {
  expect((await control('POST', '/commands', { pushkey: DEVICE_TOKEN, answer: { status: 410 } })).status).toBe(200);
  expect(await push()).toBe(410);
  expect((await control('DELETE', '/commands')).status).toBe(200);
  expect(await push()).toBe(200);
});

test.each<[string, unknown, string]>([
  ['/commands', { answer: { status: 1000 } }, 'answer.status: '],
  ['/commands', '{', 'command: '],
  ['/settings', { latencyMs: -1 }, 'latencyMs: '],
  ['/settings', '', 'settings: '],
])('POST %s %j is refused with the path of the field', async (path, body, problem) => {
  const error: unknown = expect.stringContaining(problem);
  expect(await control('POST', path, body)).toEqual({ status: 400, json: { error } });
});

test('settings reach the push services', async () => {
  const told = new Promise((resolve) => session.once('remoteSettings', resolve));
  expect((await control('POST', '/settings', { maxConcurrentStreams: 7, latencyMs: 0 })).status).toBe(200);
  expect(await told).toMatchObject({ maxConcurrentStreams: 7 });
});

test('GET / tells what there is, and all of it is there', async () => {
  const { status, json } = await control('GET', '/');
  expect(status).toBe(200);
  const offered = [...String(json).matchAll(/^(GET|POST|DELETE) +(\/\S*)/gm)].map(([, method = '', path = '']) => ({
    method,
    path,
  }));
  expect(offered).toHaveLength(9);
  for (const { method, path } of offered.filter(({ path }) => path !== '/goaway' && path !== '/destroy-sessions')) {
    expect([200, 400]).toContain((await control(method, path)).status);
  }
});

test('404, 405 and 413', async () => {
  expect((await control('GET', '/nothing')).status).toBe(404);
  expect((await control('GET', '/constructor')).status).toBe(404);
  expect((await control('PUT', '/received')).status).toBe(405);
  expect((await control('POST', '/commands', 'x'.repeat(70_000))).status).toBe(413);
});

test('goaway, destroy-sessions and stats', async () => {
  const goaway = new Promise((resolve) => session.once('goaway', resolve));
  expect((await control('POST', '/goaway')).status).toBe(200);
  await goaway;
  session = await connect(simulator.apnsUrl, simulator);
  const closed = new Promise((resolve) => session.once('close', resolve));
  expect((await control('POST', '/destroy-sessions')).status).toBe(200);
  await closed;
  expect((await control('GET', '/stats')).json).toMatchObject({ accepted: 2, refused: 1 });
});

test('close() ends everything, also a client that only connected, and twice is once', async () => {
  const other = await startSimulator();
  const idle = connectTcp(Number(new URL(other.apnsUrl).port), '127.0.0.1');
  idle.on('error', () => undefined);
  await new Promise<void>((resolve) => idle.once('connect', () => resolve()));
  const ended = new Promise<void>((resolve) => idle.once('close', () => resolve()));
  const waiting = other.waitForReceived(1);
  const [outcome] = await Promise.allSettled([waiting, other.close(), other.close()]);
  expect(outcome.status).toBe('rejected');
  await ended;
  await expect(fetch(other.controlUrl)).rejects.toThrow();
});

test('FCM has a quota when it is given one, and tells what it took', async () => {
  const fcm = await connect(simulator.fcmUrl, simulator);
  const accessToken = await accessTokenFrom(simulator);
  const headers = {
    ':method': 'POST',
    ':path': `/v1/projects/${simulator.projectId}/messages:send`,
    'authorization': `Bearer ${accessToken}`,
    'content-type': 'application/json',
  };
  const body = JSON.stringify({ message: { token: 'fcm:registration-token_1', data: { event_id: '$e' }, android: { priority: 'high', ttl: '60s' } } });
  const set = await control('POST', '/settings', { quota: { project: { count: 2, windowMs: 600_000 }, retryAfter: '7' } });
  expect(set.status).toBe(200);
  const answers = [await send(fcm, headers, body), await send(fcm, headers, body), await send(fcm, headers, body)];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(answers[2]?.headers['retry-after']).toBe('7');
  expect(answers[2]?.body).toContain('QUOTA_EXCEEDED');
  const stats = (await control('GET', '/stats')).json as { quotaWindows: object[] }; // as simulator.ts says
  expect(stats.quotaWindows).toMatchObject([{ admitted: 2, refused: 1 }]);
  await control('POST', '/settings', { quota: null });
  expect((await send(fcm, headers, body)).status).toBe(200);
  expect((await control('POST', '/settings', { quota: { project: { count: 0, windowMs: 1 } } })).status).toBe(400);
  fcm.destroy();
});
