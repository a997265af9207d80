import type { SimulatorCommand } from '@reveille/simulator';
import { fullNotifyRequest, startTestRedis, type RunningRedis } from '@reveille/testing';

import { failedJobs } from './dead-letters';
import { androidDevice, iosDevice, type TestDevice } from './devices';
import { askAdmin, ANDROID, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';

/** In every field of every request that people or apps fill; no word of ours. */
const SENTINEL = 'Zx81Sentinel';

let relay: Relay;
let redis: RunningRedis;
const devices: TestDevice[] = [];
beforeAll(async () => {
  redis = await startTestRedis();
  relay = await startRelay({ admin: true, redisUrl: redis.url });
});
afterAll(async () => {
  await relay.stop();
  await redis.stop();
});

const secretFields = {
  type: `m.${SENTINEL}`,
  sender: `@${SENTINEL}:example.org`,
  sender_display_name: SENTINEL,
  room_name: SENTINEL,
  room_alias: `#${SENTINEL}:example.org`,
  content: { msgtype: 'm.text', body: SENTINEL, [SENTINEL]: SENTINEL },
};

describe('pushkeys and what people say', () => {
  it('are delivered, rejected, refused, retried and expired', async () => {
    await expectOutcome(iosDevice(), { status: 200 }, 'delivered');
    await expectOutcome(androidDevice(), { status: 200 }, 'delivered');
    await expectOutcome(iosDevice(), { status: 410, reason: 'Unregistered' }, 'rejected');
    await expectOutcome(androidDevice(), { status: 404, errorCode: 'UNREGISTERED', message: SENTINEL }, 'rejected');
    // What a provider says is not believed to be free of what it was told.
    await expectOutcome(iosDevice(), { status: 400, reason: SENTINEL }, 'dead');
    await expectOutcome(iosDevice(), { status: 413, body: `<html>${SENTINEL}</html>` }, 'dead');
    await expectOutcome(androidDevice(), { status: 400, errorCode: SENTINEL, message: SENTINEL }, 'dead');
    const { wire, ...device } = iosDevice();
    const template = { ...wire, data: { default_payload: { aps: [SENTINEL] } } };
    await expectOutcome({ ...device, wire: template }, { status: 200 }, 'dead');
    const retried = newDevice(iosDevice());
    relay.simulator.command({ pushkey: retried.onWire, times: 2, answer: { status: 503, reason: SENTINEL } });
    await relay.notify(request(retried));
    expect(await relay.outcomesOf(retried, 1)).toMatchObject([{ outcome: 'delivered', attempts: 3 }]);
  });

  it('come in requests that are refused', async () => {
    const device = newDevice(iosDevice());
    for (const body of [
      `${SENTINEL}${device.pushkey}`,
      `{"notification":{"devices":[{"app_id":"${IOS}","pushkey":"${device.pushkey}","${SENTINEL}":`,
      { notification: { devices: [{ ...device.wire, pushkey_ts: SENTINEL }], [SENTINEL]: SENTINEL } },
      { notification: { devices: [{ pushkey: device.pushkey }], content: { body: SENTINEL } } },
      { notification: { event_id: { [SENTINEL]: 1 }, devices: [device.wire] } },
      { notification: { devices: [device.wire], content: { body: SENTINEL.repeat(60_000) } } },
    ]) {
      const answer = await relay.notify(body);
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expectNoSecret('the answer', JSON.stringify(answer.body));
    }
    // An app_id that nobody configured is said by a stranger too.
    const unknown = newDevice(iosDevice({}, `org.${SENTINEL}`));
    expect(await relay.notify(request(unknown))).toMatchObject({ body: { rejected: [unknown.pushkey] } });
    const ingress = relay.ingresses[0]?.urls.http ?? '';
    for (const path of [`/${SENTINEL}`, `/%${SENTINEL}`, `/_matrix/push/v1/notify?access_token=${SENTINEL}`]) {
      expectNoSecret(path, await (await fetch(`${ingress}${path}`)).text());
    }
  });

  it('pass by while Redis fails', async () => {
    const device = newDevice(iosDevice());
    await redis.kill();
    expect(await relay.notify(request(device))).toMatchObject({ status: 503 });
    redis = await startTestRedis({ port: redis.port });
    await until(async () => (await relay.notify(request(device))).status === 200);
    await relay.outcomesOf(device, 1);
    // The dead letters of before went with the old Redis.
    await expectOutcome(iosDevice(), { status: 400, reason: SENTINEL }, 'dead');
    await expectOutcome(androidDevice(), { status: 400, errorCode: SENTINEL, message: SENTINEL }, 'dead');
  });

  it('are in no log at the level trace', () => {
    expectNoSecret('the logs', relay.logs());
    // The logs are there, and name devices by their hashes.
    expect(relay.outcomes().length).toBeGreaterThan(10);
    for (const { device_hash } of relay.outcomes()) expect(device_hash).toMatch(/^[\w-]{22}$/);
  });

  it('are in no metric, and on no page of the admin', async () => {
    for (const { role, urls } of [...relay.ingresses, ...relay.dispatchers, relay.admin].filter((each) => !!each)) {
      expectNoSecret(`metrics of ${role}`, await (await fetch(`${urls.metrics}/metrics`)).text());
    }
    expectNoSecret('the admin', await (await askAdmin(relay, '/api/v1/apps')).text());
  });

  it('are in no dead letter beside the data that a replay needs, and in no name of a key', async () => {
    for (const app of [IOS, ANDROID]) {
      const jobs = await failedJobs(relay.redisUrl, app);
      expect(jobs.length).toBeGreaterThan(0);
      expectNoSecret('dead letters', JSON.stringify(jobs));
    }
  });
});

function request(device: TestDevice) {
  return fullNotifyRequest({ ...secretFields, devices: [device.wire] });
}

async function expectOutcome(device: TestDevice, answer: SimulatorCommand['answer'], outcome: string): Promise<void> {
  newDevice(device);
  if ('status' in answer && answer.status !== 200) relay.simulator.command({ pushkey: device.onWire, answer });
  expect(await relay.notify(request(device))).toMatchObject({ status: 200 });
  expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome }]);
}

function newDevice(device: TestDevice): TestDevice {
  devices.push(device);
  return device;
}

/** The whole secret or a good part of it. */
function expectNoSecret(where: string, text: string): void {
  const secrets = [SENTINEL, ...devices.flatMap(({ pushkey, onWire }) => [pushkey.slice(-16), onWire.slice(-16)])];
  const found = secrets.filter((secret) => text.toLowerCase().includes(secret.toLowerCase()));
  expect({ where, found, near: found[0] === undefined ? '' : near(text, found[0]) }).toEqual({ where, found: [], near: '' });
}

function near(text: string, secret: string): string {
  const at = text.toLowerCase().indexOf(secret.toLowerCase());
  return text.slice(Math.max(0, at - 200), at + 100);
}
