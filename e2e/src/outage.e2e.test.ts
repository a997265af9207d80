import { createAppQueue, type Balance } from '@reveille/queue';
import { fullNotifyRequest, notifyRequest } from '@reveille/testing';

import { androidDevice, iosDevice, type TestDevice } from './devices';
import { askAdmin, ANDROID, apnsApp, fcmApp, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';
import { withRedis } from './with-redis';

const SHORT = 'com.example.short-lived';
const DOWN = { status: 503, reason: 'ServiceUnavailable' } as const;

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({
    dispatchers: 2,
    admin: true,
    apps: (simulator) => ({
      [IOS]: apnsApp(simulator),
      [ANDROID]: fcmApp(simulator),
      [SHORT]: apnsApp(simulator, { max_age: { event: '2s' } }),
    }),
  });
});
afterAll(() => relay.stop());
afterEach(() => relay.simulator.clearCommands());

describe('a provider that is out', () => {
  it('is asked by a few pushes only, and everything arrives when it is back, other apps undisturbed', async () => {
    relay.simulator.command({ provider: 'apns', answer: DOWN });
    const devices = Array.from({ length: 300 }, () => iosDevice());
    await Promise.all(devices.map((device) => send(device)));
    await until(async () => (await stateOf(IOS)).state === 'outage', 'the breaker to open');
    expect(await stateOf(IOS)).toMatchObject({ reason: 'ServiceUnavailable' });
    expect(await metric(`reveille_app_provider_out{app="${IOS}"}`)).toBe(1);

    const android = androidDevice();
    await send(android);
    await relay.pushes(android, 1);
    expect(await stateOf(ANDROID)).toMatchObject({ state: 'running' });

    // While the breaker is open only probes go out: three at a time, after 1, 2, 4, ... seconds.
    const asked = askedApns();
    await until(async () => (await stateOf(IOS)).state === 'probing', 'a probe');
    await until(async () => (await stateOf(IOS)).state === 'outage', 'the probe to fail');
    expect(askedApns() - asked).toBeLessThan(50);

    relay.simulator.clearCommands();
    await until(async () => (await ledger(IOS)).open === 0, 'all delivered', 60_000);
    expect(await ledger(IOS)).toMatchObject({ accepted: 300, delivered: 300, difference: 0 });
    for (const { onWire } of devices) {
      const taken = relay.simulator.received({ pushkey: onWire }).filter(({ status }) => status === 200);
      expect(taken).toHaveLength(1);
    }
    await until(async () => (await stateOf(IOS)).state === 'running', 'full width', 60_000);
    expect(await metric(`reveille_app_provider_out{app="${IOS}"}`)).toBe(0);
  }, 150_000);

  it('does not ring calls late', async () => {
    relay.simulator.command({ provider: 'apns', answer: DOWN });
    await Promise.all(Array.from({ length: 60 }, () => send(iosDevice())));
    await until(async () => (await stateOf(IOS)).state === 'outage', 'the breaker to open');
    const callee = iosDevice();
    const call = fullNotifyRequest({ type: 'm.call.invite', content: { lifetime: 1500, offer: {} }, devices: [callee.wire] });
    expect(await relay.notify(call)).toMatchObject({ status: 200 });
    await relay.outcomesOf(callee, 1);
    relay.simulator.clearCommands();
    expect(await relay.outcomesOf(callee, 1)).toMatchObject([{ outcome: 'expired', reason: 'deadline' }]);
    await until(async () => (await ledger(IOS)).open === 0, 'all ended', 60_000);
    expect(relay.simulator.received({ pushkey: callee.onWire }).filter(({ status }) => status === 200)).toEqual([]);
  }, 120_000);
});

describe('a parked app', () => {
  it('expires what is past its deadline while it is parked, as expired and never as dead, and says so in the books', async () => {
    relay.simulator.command({ provider: 'apns', answer: { status: 403, reason: 'InvalidProviderToken' } });
    const devices = Array.from({ length: 8 }, () => iosDevice({}, SHORT));
    for (const [index, device] of devices.entries()) await send(device, index % 2 === 0 ? 'high' : 'low');
    await until(async () => (await stateOf(SHORT)).state === 'parked', 'parked');
    await until(async () => (await ledger(SHORT)).expired === devices.length, 'all expired');
    expect(await ledger(SHORT)).toMatchObject({
      accepted: devices.length, dead: 0, rejected: 0, delivered: 0, open: 0, difference: 0, waiting: { parked: 0 },
    });
    expect(await stateOf(SHORT)).toMatchObject({ state: 'parked', reason: 'InvalidProviderToken', failed: devices.length });
    await relay.outcomesOf(devices[7] ?? devices[0] ?? iosDevice(), 1);
    expect(await metric(`reveille_ledger_difference{app="${SHORT}"}`)).toBe(0);
  });
});

function askedApns(): number {
  return relay.simulator.received().filter(({ provider }) => provider === 'apns').length;
}

async function send(device: TestDevice, prio = 'high'): Promise<void> {
  const answer = await relay.notify(notifyRequest({ prio, devices: [device.wire] }));
  expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });
}

async function stateOf(app: string): Promise<Readonly<Record<string, unknown>>> {
  const response = await askAdmin(relay, '/api/v1/apps');
  const { apps } = (await response.json()) as { apps: Record<string, unknown>[] }; // apps/admin/src/api/apps.ts
  const found = apps.find((each) => each.app === app);
  if (!found) throw new Error(`the admin does not show ${app}`);
  return found;
}

async function metric(start: string): Promise<number> {
  const response = await fetch(`${relay.admin?.urls.metrics}/metrics`);
  const line = (await response.text()).split('\n').find((each) => each.startsWith(start));
  return Number(line?.slice(start.length));
}

function ledger(appKey: string): Promise<Balance> {
  return withRedis(relay.redisUrl, async (redis) => {
    const queue = createAppQueue({ appKey, prefix: 'reveille', redis, now: Date.now, onError: () => undefined });
    const balance = await queue.ledger();
    await queue.close();
    return balance;
  });
}
