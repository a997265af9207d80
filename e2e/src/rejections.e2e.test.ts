import type { SimulatorCommand } from '@reveille/simulator';
import { countsRequest, notifyRequest, startTestRedis, temporaryDirectory } from '@reveille/testing';
import type { RunningRedis, TemporaryDirectory } from '@reveille/testing';

import { androidDevice, iosDevice, type TestDevice } from './devices';
import type { NotifyAnswer } from './notify-client';
import { startRelay, type Relay } from './start-relay';
import { until } from './wait';

type Refusal = Extract<SimulatorCommand['answer'], { status: number }>;

let relay: Relay;
let redis: RunningRedis;
let directory: TemporaryDirectory;
beforeAll(async () => {
  directory = await temporaryDirectory();
  redis = await startTestRedis({ persistence: 'always', directory: directory.path });
  // The hash key is the one that the first process puts on Redis, as it is by default.
  relay = await startRelay({ ingresses: 2, redisUrl: redis.url, config: { privacy: {} } });
});
afterAll(async () => {
  await relay.stop();
  await redis.stop();
  await directory.remove();
});

const UNREGISTERED = { status: 410, reason: 'Unregistered' };
const FCM_UNREGISTERED = { status: 404, errorCode: 'UNREGISTERED' };

describe('a dead pushkey', () => {
  it.each([
    ['Apple says 410 Unregistered', iosDevice(), UNREGISTERED],
    ['Apple says 400 BadDeviceToken', iosDevice(), { status: 400, reason: 'BadDeviceToken' }],
    ['Google says UNREGISTERED', androidDevice(), FCM_UNREGISTERED],
  ])('is told on every later request, through every ingress, letter for letter: %s', async (_name, device, answer) => {
    const first = await dies(device, answer);
    // The verdict came after the answer: the first homeserver is told the next time, like all others.
    expect(first).toMatchObject({ status: 200, body: { rejected: [] } });
    for (const ingress of [1, 0, 1, 0]) {
      expect(await relay.notify(notifyRequest({ devices: [device.wire] }), ingress)).toMatchObject(told(device));
    }
    expect(relay.simulator.received({ pushkey: device.onWire })).toHaveLength(1);
  });

  it('is told on an update of the counts too, and again on the event after it', async () => {
    const device = iosDevice();
    await dies(device, UNREGISTERED);
    expect(await relay.notify(countsRequest(3, device.wire), 1)).toMatchObject(told(device));
    expect(await relay.notify(countsRequest(4, device.wire), 1)).toMatchObject(told(device));
    expect(await relay.notify(notifyRequest({ devices: [device.wire] }), 1)).toMatchObject(told(device));
  });

  it('is found by an update of the counts as well as by an event', async () => {
    const device = iosDevice();
    await dies(device, UNREGISTERED, () => countsRequest(1, device.wire));
    expect(await relay.notify(notifyRequest({ devices: [device.wire] }), 1)).toMatchObject(told(device));
  });

  it('costs the other devices of a request nothing', async () => {
    const [dead, alive] = [iosDevice(), iosDevice()];
    await dies(dead, UNREGISTERED);
    const answer = await relay.notify(notifyRequest({ devices: [alive.wire, dead.wire] }), 1);
    expect(answer).toMatchObject(told(dead));
    expect(await relay.pushes(alive, 1)).toHaveLength(1);
  });

  it('lives again for everybody once its pushkey_ts is newer than its death', async () => {
    const device = iosDevice();
    await dies(device, UNREGISTERED);
    const atDeath = Math.floor(Date.now() / 1000);
    const setAt = (pushkey_ts: number) => notifyRequest({ devices: [{ ...device.wire, pushkey_ts }] });
    // Seconds, and the death has milliseconds: an hour before and an hour after leave no doubt.
    expect(await relay.notify(setAt(atDeath - 3600), 1)).toMatchObject(told(device));
    expect(await relay.notify(setAt(atDeath + 3600), 1)).toMatchObject({ status: 200, body: { rejected: [] } });
    await relay.pushes(device, 2);
    // A homeserver that has not heard of the new pushkey_ts.
    expect(await relay.notify(setAt(atDeath - 3600), 0)).toMatchObject({ status: 200, body: { rejected: [] } });
    expect(await relay.pushes(device, 3)).toMatchObject([
      { status: 410 },
      { status: 200 },
      { status: 200 },
    ]);
  });

  it("lives on when it was set after Apple's time of death, which the 410 names", async () => {
    const device = iosDevice();
    const now = Math.floor(Date.now() / 1000);
    const setAt = (hoursAgo: number) =>
      notifyRequest({ devices: [{ ...device.wire, pushkey_ts: now - hoursAgo * 3600 }] });
    await dies(device, { ...UNREGISTERED, timestamp: (now - 2 * 3600) * 1000 }, () => setAt(3));
    expect(await relay.notify(setAt(3), 1)).toMatchObject(told(device));
    expect(await relay.notify(setAt(1), 1)).toMatchObject({ status: 200, body: { rejected: [] } });
    await relay.pushes(device, 2);
  });

  it('is remembered over a restart of ingress and dispatcher, and over a crash of Redis', async () => {
    const [ios, android] = [iosDevice(), androidDevice()];
    await dies(ios, UNREGISTERED);
    await dies(android, FCM_UNREGISTERED);
    const both = () => notifyRequest({ devices: [ios.wire, android.wire] });
    const bothTold = { status: 200, body: { rejected: [ios.pushkey, android.pushkey] } };

    const [oldIngress] = relay.ingresses;
    const [oldDispatcher] = relay.dispatchers;
    if (!oldIngress || !oldDispatcher) throw new Error('not started');
    await Promise.all([relay.end(oldIngress), relay.end(oldDispatcher)]);
    await Promise.all([relay.start('ingress'), relay.start('dispatcher')]);
    expect(await relay.notify(both(), 2)).toMatchObject(bothTold);

    await redis.kill();
    redis = await startTestRedis({ persistence: 'always', directory: directory.path, port: redis.port });
    for (const ingress of [1, 2]) {
      const answer = await until(async () => {
        const latest = await relay.notify(both(), ingress);
        return latest.status === 200 && latest;
      });
      expect(answer).toMatchObject(bothTold);
    }
    expect(relay.simulator.received({ pushkey: ios.onWire })).toHaveLength(1);
    // Whoever lives is still served by what was started, and what saw Redis go.
    const alive = iosDevice();
    await relay.notify(notifyRequest({ devices: [alive.wire] }), 1);
    await relay.pushes(alive, 1);
  });
});

/** Lets the provider refuse a push to the device, and waits until that is remembered. */
async function dies(device: TestDevice, answer: Refusal, request = notifyRequest): Promise<NotifyAnswer> {
  const before = rejections();
  relay.simulator.command({ pushkey: device.onWire, times: 1, answer });
  const first = await relay.notify(request({ devices: [device.wire] }));
  await until(() => rejections() > before, 'the rejection');
  return first;
}

/** How many dispatches have ended so; the line is written after the rejection is on Redis. */
function rejections(): number {
  return relay.outcomes().filter(({ outcome }) => outcome === 'rejected').length;
}

function told({ pushkey }: TestDevice) {
  return { status: 200, body: { rejected: [pushkey] } };
}
