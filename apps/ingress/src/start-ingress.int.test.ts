import { configSchema, looseAppSchema } from '@reveille/config';
import { createLogger } from '@reveille/observability';
import type { RunningRole } from '@reveille/role';
import { eventuallyPasses, startTestRedis, type RunningRedis } from '@reveille/testing';
import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { startIngress } from './start-ingress';

const settings = configSchema(looseAppSchema).parse({
  http: { headers_timeout: '1s', request_timeout: '2s' },
  apps: { 'com.example.*': { type: 'apns' }, 'com.*.twice': { type: 'fcm' } },
});

let redis: RunningRedis;
let ingress: RunningRole;
let url: string;

async function start(redisUrl: string): Promise<RunningRole> {
  return startIngress({
    settings,
    baseDirectory: '.',
    environment: {},
    redis: { url: redisUrl },
    httpPort: 0,
    metricsPort: 0,
    logger: createLogger({ role: 'ingress', level: 'silent', format: 'json' }),
  });
}

beforeAll(async () => {
  redis = await startTestRedis();
  ingress = await start(redis.url);
  url = ingress.urls.http ?? '';
  await eventuallyPasses(async () => expect((await fetch(`${url}/ready`)).status).toBe(200));
});
afterAll(async () => {
  await ingress.close();
  await redis.stop();
});

async function post(body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}/_matrix/push/v1/notify`, { method: 'POST', body, headers });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
}

const notify = (devices: object[], fields: object = {}) =>
  post(JSON.stringify({ notification: { event_id: `$${randomUUID()}`, devices, ...fields } }));

const device = { app_id: 'com.example.app', pushkey: 'pushkey' };

it.each([
  ['GET', '/_matrix/push/v1/notify', 200, { unifiedpush: { gateway: 'matrix' } }],
  ['PUT', '/_matrix/push/v1/notify', 405, { errcode: 'M_UNRECOGNIZED' }],
  ['DELETE', '/health', 405, { errcode: 'M_UNRECOGNIZED' }],
  ['GET', '/health', 200, { status: 'alive' }],
  ['GET', '/ready', 200, { ready: true, reasons: [] }],
  ['GET', '/', 404, { errcode: 'M_UNRECOGNIZED' }],
  ['POST', '/_matrix/push/v1/notify/', 404, { errcode: 'M_UNRECOGNIZED' }],
  ['GET', '/_matrix/push/v1/notify/', 404, { errcode: 'M_UNRECOGNIZED' }],
  ['GET', '/_matrix/push/v1/Notify', 404, { errcode: 'M_UNRECOGNIZED' }],
  ['POST', '/_matrix/push/v1/notifyx', 404, { errcode: 'M_UNRECOGNIZED' }],
  ['GET', '/%ff', 404, { errcode: 'M_UNRECOGNIZED' }],
])('%s %s is answered %d', async (method, path, status, body) => {
  const response = await fetch(`${url}${path}`, { method });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject(body);
  expect(response.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

it('accepts a push, with a query in the path and the request id of the caller', async () => {
  const response = await fetch(`${url}/_matrix/push/v1/notify?x=1`, {
    method: 'POST',
    body: JSON.stringify({ notification: { devices: [device] } }),
    headers: { 'x-request-id': 'from-the-proxy' },
  });
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ rejected: [] });
  expect(response.headers.get('x-request-id')).toBe('from-the-proxy');
});

it('judges known, unknown and ambiguous app ids of one request one by one', async () => {
  const pushkey = '\ud800 lone and "quoted"';
  const answer = await notify([device, { app_id: 'org.other', pushkey }, { app_id: 'com.example.twice', pushkey: 'p2' }]);
  expect(answer).toMatchObject({ status: 200, body: { rejected: [pushkey, 'p2'] } });
});

it('names the field at fault', async () => {
  expect(await notify([{ app_id: 'a' }])).toMatchObject({ status: 400, body: { errcode: 'M_BAD_JSON', error: expect.stringContaining('notification.devices[0].pushkey') as string } });
  expect(await post('not json')).toMatchObject({ status: 400, body: { errcode: 'M_NOT_JSON' } });
  expect(await notify([])).toMatchObject({ status: 400 });
});

it('refuses a body past the limit, declared or not, and takes one at the limit', async () => {
  const tooLong = ' '.repeat(512 * 1024 + 1);
  expect(await post(tooLong)).toMatchObject({ status: 413, body: { errcode: 'M_TOO_LARGE' } });
  const chunked = await fetch(`${url}/_matrix/push/v1/notify`, {
    method: 'POST',
    body: new ReadableStream({
      start(controller) {
        for (let part = 0; part < 9; part++) controller.enqueue(Buffer.alloc(64 * 1024, ' '));
        controller.close();
      },
    }),
    duplex: 'half',
  });
  expect(chunked.status).toBe(413);
  const body = JSON.stringify({ notification: { devices: [device] } });
  expect(await post(body.padEnd(512 * 1024, ' '))).toMatchObject({ status: 200 });
});

it('refuses more devices than a notification can mean', async () => {
  const devices = (count: number) => Array.from({ length: count }, (_, index) => ({ app_id: 'com.example.a', pushkey: `p${index}` }));
  expect(await notify(devices(1000))).toMatchObject({ status: 200 });
  expect(await notify(devices(1001))).toMatchObject({ status: 413 });
});

it('holds nothing for a client that sends its request byte by byte', async () => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const dribble = setInterval(() => socket.write('x'), 100);
  let answer = '';
  socket.on('data', (chunk: Buffer) => (answer += chunk.toString()));
  socket.write('POST /_matrix/push/v1/notify HTTP/1.1\r\nHost: x\r\nX-Slow: ');
  await new Promise((resolve) => socket.on('close', resolve).on('error', () => undefined));
  clearInterval(dribble);
  expect(answer).toContain('408');
}, 15_000);

it('counts what it did, without labels that a stranger can choose', async () => {
  await notify([{ app_id: 'org.stranger', pushkey: 'p' }, device]);
  const metrics = await (await fetch(ingress.urls.metrics?.replace(/\/?$/, '/metrics') ?? '')).text();
  expect(metrics).toMatch(/reveille_ingress_devices_received_total\{app="com\.example\.\*"\} [1-9]/);
  expect(metrics).not.toContain('org.stranger');
});

describe('without Redis', () => {
  it('starts, is alive, not ready, refuses within two seconds, and serves when Redis comes', async () => {
    const later = await startTestRedis();
    const { port } = later;
    await later.stop();
    const early = await start(later.url);
    const at = early.urls.http ?? '';
    const push = async () => {
      const body = JSON.stringify({ notification: { devices: [device] } });
      const startedAt = performance.now();
      const { status } = await fetch(`${at}/_matrix/push/v1/notify`, { method: 'POST', body });
      return { status, inTime: performance.now() - startedAt < 2000 };
    };
    expect((await fetch(`${at}/health`)).status).toBe(200);
    const ready = await fetch(`${at}/ready`);
    expect(ready.status).toBe(503);
    expect(JSON.stringify(await ready.json())).toContain('redis');
    expect(await push()).toEqual({ status: 503, inTime: true });

    const arrived = await startTestRedis({ port });
    await eventuallyPasses(async () => expect((await push()).status).toBe(200));
    arrived.pause();
    expect(await push()).toEqual({ status: 503, inTime: true });
    arrived.resume();
    await eventuallyPasses(async () => expect((await push()).status).toBe(200));
    await early.close();
    await arrived.stop();
  }, 20_000);
});
