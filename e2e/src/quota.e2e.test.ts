import { notifyRequest } from '@reveille/testing';

import { androidDevice, type TestDevice } from './devices';
import { ANDROID, fcmApp, startRelay, type Relay } from './start-relay';
import { until } from './wait';

/** Of the app, and of one device. */
const PER_MINUTE = 6000;
const DEVICE_PER_MINUTE = 20;

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({
    dispatchers: 2,
    apps: (simulator) => ({
      [ANDROID]: fcmApp(simulator, { quota: { per_minute: PER_MINUTE, device_per_minute: DEVICE_PER_MINUTE, ramp: 0 } }),
    }),
  });
});
afterAll(() => relay.stop());

let events = 0;
async function send(device: TestDevice): Promise<void> {
  events += 1;
  const answer = await relay.notify(notifyRequest({ event_id: `$event-${events}`, devices: [device.wire] }));
  expect(answer).toMatchObject({ status: 200 });
}

async function metric(line: string): Promise<number> {
  const texts = await Promise.all(
    relay.dispatchers.map(async ({ urls }) => (await fetch(new URL('/metrics', urls.metrics))).text()),
  );
  const values = texts.flatMap((text) => text.split('\n').filter((each) => each.startsWith(`${line} `)));
  return values.reduce((sum, each) => sum + Number(each.slice(line.length)), 0);
}

it('keeps a device within its quota, without an attempt, and lets the others pass', async () => {
  relay.simulator.setQuota({ device: { count: DEVICE_PER_MINUTE, windowMs: 60_000, startsAt: Date.now() } });
  const [busy, quiet] = [androidDevice(), androidDevice()];
  await Promise.all(Array.from({ length: 2 * DEVICE_PER_MINUTE }, () => send(busy)));
  await send(quiet);
  await relay.pushes(quiet, 1);
  await relay.pushes(busy, DEVICE_PER_MINUTE / 2);
  const putBack = `reveille_governor_put_back_total{app="${ANDROID}",scope="device"}`;
  await until(async () => (await metric(putBack)) > 0, 'pushes that wait for their device');
  // Two dispatchers that do not know of each other yet may be a quarter of it over, at first.
  const refused = relay.simulator.received({ pushkey: busy.onWire }).filter(({ status }) => status === 429);
  expect(refused.length).toBeLessThanOrEqual(DEVICE_PER_MINUTE / 4);
  expect(await metric(`reveille_governor_refusals_total{app="${ANDROID}",scope="app"}`)).toBe(0);
  expect(relay.outcomes().filter(({ outcome }) => outcome !== 'delivered')).toEqual([]);
});

it('takes back its speed for a 429, waits a second instead of a minute, and goes on', async () => {
  const budget = `reveille_governor_budget{app="${ANDROID}"}`;
  const full = await metric(budget);
  relay.simulator.setQuota(undefined);
  relay.simulator.command({ provider: 'fcm', times: 1, answer: { status: 429, errorCode: 'QUOTA_EXCEEDED' } });
  const devices = Array.from({ length: 10 }, () => androidDevice());
  for (const device of devices) await send(device);
  const refused = `reveille_governor_refusals_total{app="${ANDROID}",scope="app"}`;
  await until(async () => (await metric(refused)) === 1, 'a refusal');
  // The one that was refused waits for the minute that Google asks for.
  const taken = () => devices.filter(({ onWire }) => relay.simulator.received({ pushkey: onWire }).some(({ status }) => status === 200));
  await until(() => Promise.resolve(taken().length >= devices.length - 1), 'the others', 20_000);
  await send(androidDevice());
  await until(async () => (await metric(budget)) < full, 'a smaller budget');
});
