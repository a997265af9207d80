import { appKeyBase } from '@reveille/queue';
import { notifyRequest, startTestCluster, type TestCluster, type TestNode } from '@reveille/testing';

import { iosDevice, type TestDevice } from './devices';
import { expectReady, notifyUntilAccepted, ready } from './failover';
import { askAdmin, apnsApp, startRelay, type Relay } from './start-relay';
import { until } from './wait';

/** Enough that every master has some. */
const APPS = Array.from({ length: 8 }, (_, index) => `com.example.app${index}`);
/** Lock and check interval of a job (35 s), and patience. Milliseconds. */
const LOCK_ENDED_MS = 60_000;
const NOT_QUEUED = { status: 503, body: { errcode: 'M_UNKNOWN' } };

let cluster: TestCluster;
let relay: Relay;
beforeAll(async () => {
  cluster = await startTestCluster({ replicas: 1, persistence: 'everysec' });
  relay = await startRelay({
    ingresses: 2,
    dispatchers: 2,
    admin: true,
    redisUrl: 'none: a cluster',
    config: { redis: { cluster: cluster.addresses, wait_for_replicas: 0 }, privacy: {} },
    apps: (simulator) => Object.fromEntries(APPS.map((app) => [app, apnsApp(simulator)])),
  });
  await expectReady(relay);
});
afterAll(async () => {
  await relay.stop();
  await cluster.stop();
});

const deviceOf = (app: string) => iosDevice({}, app);
const request = (device: TestDevice) => notifyRequest({ devices: [device.wire] });
const masterOf = (app: string) => cluster.masterOf(appKeyBase('reveille', app));

it('pushes of all apps arrive, and the apps spread over the masters', async () => {
  const masters = new Set<TestNode>();
  for (const app of APPS) {
    const device = deviceOf(app);
    expect(await relay.notify(request(device))).toMatchObject({ status: 200, body: { rejected: [] } });
    await relay.pushes(device, 1);
    masters.add(await masterOf(app));
  }
  expect(masters.size).toBeGreaterThan(1);
});

it('a request for devices of several apps is taken as a whole', async () => {
  const devices = APPS.map(deviceOf);
  expect(await relay.notify(notifyRequest({ devices: devices.map(({ wire }) => wire) }))).toMatchObject({ status: 200 });
  for (const device of devices) await relay.pushes(device, 1);
});

it('the admin shows all apps', async () => {
  const response = await askAdmin(relay, '/api/v1/apps');
  expect(response.status).toBe(200);
  expect(JSON.stringify(await response.json())).toContain(APPS[7]);
});

it('a master dies: its apps get 503, the others flow, all are ready; then its replica goes on, and nothing accepted is lost', async () => {
  const [app = ''] = APPS;
  const old = await masterOf(app);
  const others: string[] = [];
  for (const each of APPS) if ((await masterOf(each)) !== old) others.push(each);
  // They wait in the queue while the master dies: their first answer sends them into the delay.
  const waiting = Array.from({ length: 20 }, () => deviceOf(app));
  for (const { onWire: pushkey } of waiting) {
    relay.simulator.command({ pushkey, times: 1, answer: { status: 503, retryAfter: '5' } });
  }
  for (const device of waiting) expect(await relay.notify(request(device))).toMatchObject({ status: 200 });
  for (const device of waiting) await relay.pushes(device, 1);
  // What is delayed must be on the replica before its master goes: replication lags, and here it is not what is tested.
  await until(async () => String(await old.call('WAIT', 1, 100)) === '1', 'the replica in step');

  await old.kill();
  expect(await relay.notify(request(deviceOf(app)))).toMatchObject(NOT_QUEUED);
  const other = deviceOf(others[0] ?? '');
  expect(await relay.notify(request(other))).toMatchObject({ status: 200 });
  await relay.pushes(other, 1);
  expect(await ready(relay)).toBe(true);

  await cluster.switchedFrom(old);
  for (const ingress of [0, 1]) {
    const device = deviceOf(app);
    await notifyUntilAccepted(relay, request(device), ingress);
    await relay.pushes(device, 1);
  }
  await until(() => waiting.every((device) => isDelivered(device)), 'all that waited are delivered', LOCK_ENDED_MS);
  for (const { onWire } of waiting) {
    const ids = relay.simulator.received({ pushkey: onWire }).map(({ headers }) => headers['apns-id']);
    expect(new Set(ids).size).toBe(1);
  }
  await old.restart();
  await cluster.settled();
}, 180_000);

function isDelivered({ onWire }: TestDevice): boolean {
  return relay.simulator.received({ pushkey: onWire }).some(({ status }) => status === 200);
}
