import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createAppQueue } from '@reveille/queue';
import { notifyRequest, temporaryDirectory, type TemporaryDirectory } from '@reveille/testing';

import { failedJobs } from './dead-letters';
import { androidDevice, iosDevice, type TestDevice } from './devices';
import { askAdmin, ANDROID, apnsApp, fcmApp, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';
import { withRedis } from './with-redis';

const FOREIGN_KEY = 'com.example.foreign-key';

let relay: Relay;
let directory: TemporaryDirectory;
beforeAll(async () => {
  directory = await temporaryDirectory();
  const keyfile = join(directory.path, 'foreign.p8');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  await writeFile(keyfile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  relay = await startRelay({
    dispatchers: 2,
    admin: true,
    apps: (simulator) => ({
      [IOS]: apnsApp(simulator),
      [ANDROID]: fcmApp(simulator),
      [FOREIGN_KEY]: apnsApp(simulator, { keyfile }),
    }),
  });
});
afterAll(async () => {
  await relay.stop();
  await directory.remove();
});

describe('an app whose own credential is refused', () => {
  it('is parked, with the reason on the admin: its pushes wait, no pushkey is rejected, other apps flow', async () => {
    const devices = Array.from({ length: 6 }, () => iosDevice({}, FOREIGN_KEY));
    for (const [index, device] of devices.entries()) await send(device, index % 2 === 0 ? 'high' : 'low');
    await until(async () => (await overview(FOREIGN_KEY)).state === 'parked', 'parked');
    // New ones are still accepted: they wait with the others.
    const late = iosDevice({}, FOREIGN_KEY);
    await send(late);
    await until(async () => (await overview(FOREIGN_KEY)).waiting === devices.length + 1, 'all waiting');
    expect(await overview(FOREIGN_KEY)).toMatchObject({
      state: 'parked',
      reason: 'InvalidProviderToken',
      active: 0,
      delayed: 0,
      failed: 0,
    });
    expect(relay.outcomes()).toEqual([]);

    const [ios, android] = [iosDevice(), androidDevice()];
    await send(ios);
    await send(android);
    await relay.pushes(ios, 1);
    await relay.pushes(android, 1);
    expect(await overview(IOS)).toMatchObject({ state: 'running', reason: null });
    expect(await metricOf('reveille_app_parked')).toContain(`reveille_app_parked{app="${FOREIGN_KEY}"} 1`);
    // Each device at most once tried, and the one that came after parking not at all.
    expect(relay.simulator.received({ pushkey: late.onWire })).toEqual([]);
  });

  it.each([
    ['apns', IOS, iosDevice, { status: 403, reason: 'InvalidProviderToken' }],
    ['apns', IOS, iosDevice, { status: 400, reason: 'TopicDisallowed' }],
    ['fcm', ANDROID, androidDevice, { status: 403, errorCode: 'THIRD_PARTY_AUTH_ERROR' }],
    ['fcm', ANDROID, androidDevice, { status: 404 }],
  ] as const)('%s %s: what waited arrives, each push once, after an operator resumed it (%#)', async (provider, app, newDevice, answer) => {
    const devices = Array.from({ length: 5 }, () => newDevice());
    const before = relay.outcomes().length;
    relay.simulator.command({ provider, answer });
    for (const [index, device] of devices.entries()) await send(device, index % 2 === 0 ? 'high' : 'low');
    await until(async () => {
      const { state, waiting } = await overview(app);
      return state === 'parked' && waiting === devices.length;
    }, 'parked');
    expect(await failedJobs(relay.redisUrl, app)).toEqual([]);

    relay.simulator.clearCommands();
    await resume(app);
    await until(() => relay.outcomes().length >= before + devices.length, 'the outcomes');
    for (const outcome of relay.outcomes().slice(before)) expect(outcome).toMatchObject({ outcome: 'delivered', attempts: 1 });
    for (const { onWire } of devices) {
      expect(relay.simulator.received({ pushkey: onWire }).filter(({ status }) => status === 200)).toHaveLength(1);
    }
    expect(await overview(app)).toMatchObject({ state: 'running', waiting: 0, failed: 0 });
  });
});

async function send(device: TestDevice, prio = 'high'): Promise<void> {
  const answer = await relay.notify(notifyRequest({ prio, devices: [device.wire] }));
  expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });
}

/** One app as the admin shows it. */
async function overview(app: string): Promise<Readonly<Record<string, unknown>>> {
  const response = await askAdmin(relay, '/api/v1/apps');
  const { apps } = (await response.json()) as { apps: Record<string, unknown>[] }; // apps/admin/src/api/apps.ts
  const found = apps.find((each) => each.app === app);
  if (!found) throw new Error(`the admin does not show ${app}`);
  return found;
}

async function metricOf(name: string): Promise<string[]> {
  const response = await fetch(`${relay.admin?.urls.metrics}/metrics`);
  return (await response.text()).split('\n').filter((line) => line.startsWith(name));
}

/** As the admin's resume (a later issue) will: the gate's own, from outside the dispatchers. */
async function resume(appKey: string): Promise<void> {
  await withRedis(relay.redisUrl, async (redis) => {
    const queue = createAppQueue({ appKey, prefix: 'reveille', redis, now: Date.now, onError: () => undefined });
    await queue.gate.resume();
    await queue.close();
  });
}
