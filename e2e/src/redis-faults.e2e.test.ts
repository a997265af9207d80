import { appKeyBase } from '@reveille/queue';
import { freePort, notifyRequest, startTestRedis, temporaryDirectory } from '@reveille/testing';
import type { RunningRedis, TemporaryDirectory } from '@reveille/testing';

import { iosDevice, type TestDevice } from './devices';
import { askAdmin, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';
import { withRedis } from './with-redis';

/** The issue: 503 within 2 s when Redis is away. What a busy machine adds is not what is tested. Milliseconds. */
const ANSWER_MS = 2000 + 2000;
/** Lock and check interval of a job (35 s), and patience. Milliseconds. */
const LOCK_ENDED_MS = 60_000;
const NOT_QUEUED = { status: 503, body: { errcode: 'M_UNKNOWN' } };

let relay: Relay;
let redis: RunningRedis;
let directory: TemporaryDirectory;
beforeAll(async () => {
  directory = await temporaryDirectory();
});
afterAll(async () => {
  await relay.stop();
  await redis.stop();
  await directory.remove();
});

const startRedis = (port: number) =>
  startTestRedis({ port, persistence: 'always', directory: directory.path }).then((started) => (redis = started));

describe('Redis is not there at the start', () => {
  beforeAll(async () => {
    const port = await freePort();
    relay = await startRelay({
      ingresses: 2,
      admin: true,
      // The hash key is then on Redis too, as it is by default.
      config: { privacy: {} },
      redisUrl: `redis://127.0.0.1:${port}`,
    });
  });

  it('ingress answers 503 at once, so that homeservers keep the event, and says why it is not ready', async () => {
    const answer = await relay.notify(request(iosDevice()));
    expect(answer).toMatchObject(NOT_QUEUED);
    expect(answer.tookMs).toBeLessThan(ANSWER_MS);
    expect(answer.headers.get('retry-after')).toBe('5');
    for (const process of [...relay.ingresses, ...relay.dispatchers]) {
      const { status, body } = await get(`${process.urls.metrics}/ready`);
      expect({ status, body }).toMatchObject({ status: 503, body: { ready: false } });
      expect(JSON.stringify(body)).toMatch(/[Rr]edis/);
      expect(await get(`${process.urls.metrics}/health`)).toMatchObject({ status: 200 });
    }
    expect(await get(`${relay.ingresses[0]?.urls.http}/ready`)).toMatchObject({ status: 503 });
    expect((await askAdmin(relay, '/api/v1/apps')).status).toBe(503);
  });

  it('metrics are served without it', async () => {
    for (const process of [...relay.ingresses, ...relay.dispatchers]) {
      const response = await fetch(`${process.urls.metrics}/metrics`, { signal: AbortSignal.timeout(10_000) });
      expect(await response.text()).toContain('reveille_redis_up 0');
    }
  });

  it('everything works as soon as it is there', async () => {
    await startRedis(Number(new URL(relay.redisUrl).port));
    for (const process of [...relay.ingresses, ...relay.dispatchers]) {
      await until(async () => (await get(`${process.urls.metrics}/ready`)).status === 200, `${process.role} ready`);
    }
    await expectFlows();
    expect((await askAdmin(relay, '/api/v1/apps')).status).toBe(200);
  });
});

describe('Redis fails while it runs', () => {
  it('hangs: 503 in time; the homeserver sends again, and the push arrives once', async () => {
    const device = iosDevice();
    const event = request(device);
    redis.pause();
    const answer = await relay.notify(event).finally(() => redis.resume());
    expect(answer).toMatchObject(NOT_QUEUED);
    expect(answer.tookMs).toBeLessThan(ANSWER_MS);
    expect(await notifyUntilAccepted(event)).toMatchObject({ status: 200, body: { rejected: [] } });
    await relay.pushes(device, 1);
    await expectFlows();
    expect(relay.simulator.received({ pushkey: device.onWire })).toHaveLength(1);
  });

  it.each([
    ['is read-only', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
    ['is out of memory', ['CONFIG', 'SET', 'maxmemory', '1'], ['CONFIG', 'SET', 'maxmemory', '0']],
  ])('%s: 503, not ready; and nothing of it was queued', async (_name, breakIt, mendIt) => {
    const device = iosDevice();
    const event = request(device);
    await redisCommand(breakIt);
    try {
      for (const ingress of [0, 1, 0]) expect(await relay.notify(event, ingress)).toMatchObject(NOT_QUEUED);
      await until(async () => (await get(`${relay.ingresses[0]?.urls.metrics}/ready`)).status === 503, 'not ready');
    } finally {
      await redisCommand(mendIt);
    }
    await notifyUntilAccepted(event);
    await relay.pushes(device, 1);
    await expectFlows();
    expect(relay.simulator.received({ pushkey: device.onWire })).toHaveLength(1);
  });

  it('crashes during dispatch and comes back: nothing that was acknowledged is lost', async () => {
    // A job whose hand-over to a dispatcher the crash swallows is only taken up again when its lock has ended.
    const [delayed, inFlight] = [newDevices(40), newDevices(60)];
    const devices = [...delayed, ...inFlight];
    const before = relay.outcomes().length;
    for (const { onWire: pushkey } of delayed) {
      relay.simulator.command({ pushkey, times: 1, answer: { status: 503, retryAfter: '3' } });
    }
    for (const [index, { onWire: pushkey }] of inFlight.entries()) {
      relay.simulator.command({ pushkey, answer: { status: 200 }, latencyMs: 20 * index });
    }
    await Promise.all(
      devices.map(async (device) => expect(await relay.notify(request(device))).toMatchObject({ status: 200 })),
    );
    for (const device of devices) await relay.pushes(device, 1);
    await redis.kill();
    expect(devices.filter(isDelivered).length).toBeLessThan(devices.length);
    expect(await relay.notify(request(iosDevice()))).toMatchObject(NOT_QUEUED);
    await startRedis(redis.port);
    await until(() => devices.every(isDelivered), 'all delivered', LOCK_ENDED_MS);
    await until(async () => (await unfinished()) === 0, 'an empty queue', LOCK_ENDED_MS);
    await until(() => relay.outcomes().length - before >= devices.length, 'an outcome of each');
    // An attempt whose end Redis never heard of may be repeated, but only as the same push.
    for (const { onWire } of devices) {
      const ids = relay.simulator.received({ pushkey: onWire }).map(({ headers }) => headers['apns-id']);
      expect(new Set(ids).size).toBe(1);
    }
    await expectFlows();
  }, 180_000);

  it('crashes and comes back empty: what comes from then on is served', async () => {
    await redis.kill();
    await directory.remove();
    await startRedis(redis.port);
    await expectFlows();
    await expectFlows();
  });
});

function request(device: TestDevice) {
  return notifyRequest({ devices: [device.wire] });
}

function newDevices(count: number): TestDevice[] {
  return Array.from({ length: count }, () => iosDevice());
}

function isDelivered({ onWire }: TestDevice): boolean {
  return relay.simulator.received({ pushkey: onWire }).some(({ status }) => status === 200);
}

/** A push passes through each ingress. */
async function expectFlows(): Promise<void> {
  for (const ingress of [0, 1]) {
    const device = iosDevice();
    await notifyUntilAccepted(request(device), ingress);
    await relay.pushes(device, 1);
  }
}

/** As a homeserver does: the same event again until the answer is 200. */
function notifyUntilAccepted(event: unknown, ingress = 0) {
  return until(async () => {
    const answer = await relay.notify(event, ingress);
    return answer.status === 200 && answer;
  }, 'an answer 200');
}

async function get(url: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  return { status: response.status, body: await response.json() };
}

function redisCommand([name = '', ...args]: readonly string[]): Promise<unknown> {
  return withRedis(redis.url, (client) => client.call(name, ...args));
}

/** Jobs of the app in any state but failed. */
function unfinished(): Promise<number> {
  const base = appKeyBase('reveille', IOS);
  return withRedis(redis.url, async (client) => {
    const counts = [client.llen(`${base}wait`), client.llen(`${base}active`), client.zcard(`${base}delayed`)];
    return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
  });
}
