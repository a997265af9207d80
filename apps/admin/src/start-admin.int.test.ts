import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { PassThrough } from 'node:stream';

import { configSchema, looseAppSchema } from '@reveille/config';
import { createLogger } from '@reveille/observability';
import { connectProducer, connectWorker, createAppQueue, createEnqueueDispatches } from '@reveille/queue';
import type { RoleContext, RunningRole } from '@reveille/role';
import { eventually, startTestRedis, type RunningRedis } from '@reveille/testing';

import { startAdmin, type AdminSettings } from './start-admin';
import { storm as heldVerdicts } from './test-relay.fixture';

const APP = 'com.example.*';
const PUSHKEY = 'the-pushkey-nobody-may-see';
const TOKEN = 'a-token-of-the-tests';
const AUTHORIZED = { headers: { authorization: `Bearer ${TOKEN}` } };
const output = new PassThrough();
const logger = createLogger({ role: 'admin', level: 'debug', format: 'json', stream: output });

/** Redis goes and comes here; only ever the length of a failure. Milliseconds. */
jest.setTimeout(20_000);

let server: RunningRedis;
let admin: RunningRole;

/** What the process rim gives to a role whose configuration names two apps. */
function context(url: string): RoleContext<AdminSettings> {
  const app = { type: 'apns' };
  const schema = configSchema(looseAppSchema);
  const settings = schema.parse({
    redis: { prefix: 'test' },
    admin: { tokens: [{ name: 'tests', role: 'operator', token: TOKEN }] },
    apps: { [APP]: app, 'com.example.ios': app },
  });
  return { settings, baseDirectory: '/', environment: {}, redis: { url }, httpPort: 0, metricsPort: 0, logger };
}

function urlOf(surface: 'http' | 'metrics', role = admin): string {
  return role.urls[surface] ?? '';
}

beforeEach(async () => {
  server = await startTestRedis();
  admin = await startAdmin(context(server.url));
  await eventually(async () => (await get('/ready')).status === 200);
});
afterEach(async () => {
  await admin.close();
  await server.stop();
});

async function get(path: string): Promise<{ status: number; body: unknown; headers: Headers }> {
  const answer = await fetch(urlOf('http') + path, AUTHORIZED);
  return { status: answer.status, body: await answer.json(), headers: answer.headers };
}

/** Writes dispatches into the app's queue as ingress does. */
async function enqueue(count: number): Promise<void> {
  const redis = connectProducer({ url: server.url });
  await eventually(() => redis.status === 'ready');
  const result = await createEnqueueDispatches({
    redis,
    prefix: 'test',
    guard: { lua: 'return false' },
    duplicateWindowMs: 1_000,
    queueLimit: () => ({ count: 100, ageMs: 0 }),
    countsMaxAgeMs: () => 1_000,
    timeoutMs: 2_000,
    now: Date.now,
  })(
    Array.from({ length: count }, (_, index) => ({
      appKey: APP,
      dispatch: {
        id: randomUUID(),
        kind: 'event',
        acceptedAt: Date.now(),
        deadline: Date.now() + 60_000,
        deviceHash: 'h',
        device: { appId: 'com.example.x', pushkey: PUSHKEY, defaultPayload: { kind: 'absent' } },
        notification: { userIsTarget: false, priority: index === 0 ? 'low' : 'high', counts: {} },
      },
    })),
  );
  redis.disconnect();
  expect(result).toMatchObject({ ok: true });
}

/** As a dispatcher does whose topic is wrong. */
async function storm(devices: number): Promise<void> {
  const redis = connectProducer({ url: server.url });
  await eventually(() => redis.status === 'ready');
  await heldVerdicts(redis, devices, APP);
  redis.disconnect();
}

async function park(reason: string): Promise<void> {
  const redis = connectProducer({ url: server.url });
  await eventually(() => redis.status === 'ready');
  const queue = createAppQueue({ appKey: APP, prefix: 'test', redis, now: Date.now, onError: () => undefined });
  await queue.gate.park(reason);
  await queue.close();
  redis.disconnect();
}

describe('the admin', () => {
  it('still shows the queues of a Redis that takes no writes, and is not ready', async () => {
    const redis = connectWorker({ url: server.url });
    await redis.config('SET', 'maxmemory', '1');
    try {
      await eventually(async () => (await get('/ready')).status === 503);
      expect(await get('/api/v1/apps')).toMatchObject({ status: 200, body: { apps: [{ app: APP }, {}] } });
    } finally {
      await redis.config('SET', 'maxmemory', '0');
      redis.disconnect();
    }
    await eventually(async () => (await get('/ready')).status === 200);
  });

  it('shows the counts of every app, and why one is parked', async () => {
    await enqueue(3);
    const running = { state: 'running', reason: null, since: null, until: null, delayed: 0, active: 0, failed: 0 };
    expect(await get('/api/v1/apps')).toMatchObject({
      status: 200,
      body: {
        apps: [
          { app: APP, ...running, waiting: 3 },
          { app: 'com.example.ios', ...running, waiting: 0, oldest_waiting_ms: 0 },
        ],
      },
    });
    await park('InvalidProviderToken');
    const { body } = await get('/api/v1/apps');
    expect(body).toMatchObject({
      apps: [{ app: APP, state: 'parked', reason: 'InvalidProviderToken', waiting: 3 }, running],
    });
    expect(JSON.stringify(body)).toMatch(/"since":"\d{4}-.*"until":"\d{4}-/);
    expect(JSON.stringify(body)).not.toContain(PUSHKEY);
  });

  it('has them as metrics too', async () => {
    await enqueue(2);
    await park('BadTopic');
    const text = await (await fetch(`${urlOf('metrics')}/metrics`)).text();
    expect(text).toContain(`reveille_queue_depth{app="${APP}",state="paused"} 2`);
    expect(text).toContain(`reveille_app_parked{app="${APP}"} 1`);
    expect(text).toContain('reveille_redis_up 1');
    expect(text).toMatch(/reveille_admin_requests_total{status="200"} \d/);
  });

  it('shows a storm of rejections, without a dispatcher', async () => {
    expect(await get('/api/v1/apps')).toMatchObject({ body: { apps: [{ storm: null }, { storm: null }] } });
    await storm(25);
    const { body } = await get('/api/v1/apps');
    expect(body).toMatchObject({
      apps: [
        {
          app: APP,
          storm: { state: 'holding', reason: 'DeviceTokenNotForTopic', held: 25, probed: 0, accepted_again: 0, needs_operator: true },
        },
        { storm: null },
      ],
    });
    const text = await (await fetch(`${urlOf('metrics')}/metrics`)).text();
    expect(text).toContain(`reveille_rejection_storm{app="${APP}"} 1`);
    expect(text).toContain(`reveille_storm_held_rejections{app="${APP}"} 25`);
    expect(text).toContain('reveille_rejection_storm{app="com.example.ios"} 0');
  });

  it('only looks: it neither probes nor resumes', async () => {
    await park('BadTopic');
    const before = await get('/api/v1/apps');
    expect(await get('/api/v1/apps')).toMatchObject({ body: before.body });
  });

  it('is alive but not ready while Redis is away, and comes back by itself', async () => {
    const { port } = server;
    await server.kill();
    await eventually(async () => expect((await get('/ready')).status).toBe(503) === undefined);
    expect((await get('/health')).status).toBe(200);
    expect(await get('/api/v1/apps')).toMatchObject({ status: 503, body: { error: { code: 'redis_unavailable' } } });
    const text = await (await fetch(`${urlOf('metrics')}/metrics`)).text();
    expect(text).toContain('reveille_redis_up 0');
    server = await startTestRedis({ port });
    await eventually(async () => expect((await get('/ready')).status).toBe(200) === undefined);
    expect((await get('/api/v1/apps')).status).toBe(200);
  });

  it('does not hang with a Redis that hangs', async () => {
    server.pause();
    try {
      await eventually(async () => expect((await get('/ready')).status).toBe(503) === undefined);
      expect((await get('/api/v1/apps')).status).toBe(503);
    } finally {
      server.resume();
    }
  });

  it('answers what it does not know as its API does, with security headers and a request id', async () => {
    expect(await get('/nothing')).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    const wrong = await fetch(`${urlOf('http')}/api/v1/apps`, { method: 'DELETE', ...AUTHORIZED });
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const { headers } = await get('/health');
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('answers 4xx to a path that cannot be decoded', async () => {
    const { hostname, port } = new URL(urlOf('http'));
    const status = await new Promise((resolve) => {
      request({ hostname, port, path: '/%E0%A4%A', ...AUTHORIZED }, (answer) => resolve(answer.resume().statusCode)).end();
    });
    expect([400, 404]).toContain(status);
  });
});

describe('starting', () => {
  it('does not need Redis, and closing does not wait for it', async () => {
    const { url } = server;
    await server.stop();
    const alone = await startAdmin(context(url));
    expect((await fetch(`${urlOf('http', alone)}/health`)).status).toBe(200);
    await alone.close();
    server = await startTestRedis();
  });

  it.each(['httpPort', 'metricsPort'] as const)('fails when %s is taken, and leaves nothing open', async (name) => {
    const port = Number(new URL(urlOf('http')).port);
    await expect(startAdmin({ ...context(server.url), [name]: port })).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
