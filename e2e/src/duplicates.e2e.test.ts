import { notifyRequest, uniqueEventId } from '@reveille/testing';

import { androidDevice, iosDevice, type TestDevice } from './devices';
import type { NotifyAnswer } from './notify-client';
import { ANDROID, apnsApp, fcmApp, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({
    ingresses: 2,
    // A second app at the same Apple, for the same pushkey under two app ids.
    apps: (simulator) => ({ [IOS]: apnsApp(simulator), 'com.example.beta': apnsApp(simulator), [ANDROID]: fcmApp(simulator) }),
  });
});
afterAll(() => relay.stop());

describe('an event is pushed to a device once', () => {
  it('of ten requests at once to two ingress', async () => {
    const device = iosDevice();
    const request = notifyRequest({ devices: [device.wire] });
    const answers = await Promise.all(Array.from({ length: 10 }, (_, index) => relay.notify(request, index % 2)));
    for (const answer of answers) expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });
    expect(await decisions(answers)).toEqual({ accepted: 1, duplicates: 9 });
    expect(await pushesTo(device, 1)).toHaveLength(1);
  });

  it.each([
    ['ios', iosDevice()],
    ['android', androidDevice()],
  ])('when the homeserver sends it again to the other ingress, after it was delivered (%s)', async (_name, device) => {
    const request = notifyRequest({ devices: [device.wire] });
    expect((await relay.notify(request, 0)).status).toBe(200);
    await pushesTo(device, 1);
    for (const ingress of [1, 0, 1]) {
      const answer = await relay.notify(request, ingress);
      expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });
      expect(await decisions([answer])).toEqual({ accepted: 0, duplicates: 1 });
    }
    expect(relay.simulator.received({ pushkey: device.onWire })).toHaveLength(1);
  });

  it('when a request names the device twice', async () => {
    const [twice, once] = [iosDevice(), iosDevice()];
    const answer = await relay.notify(notifyRequest({ devices: [twice.wire, once.wire, twice.wire] }));
    expect(await decisions([answer])).toEqual({ accepted: 2, duplicates: 1 });
    await pushesTo(once, 1);
    expect(await pushesTo(twice, 1)).toHaveLength(1);
  });
});

describe('no duplicate is', () => {
  it('another event for the same device', async () => {
    const device = iosDevice();
    await relay.notify(notifyRequest({ devices: [device.wire] }));
    await relay.notify(notifyRequest({ devices: [device.wire] }));
    expect(await pushesTo(device, 2)).toHaveLength(2);
  });

  it('the same event for another device, in the same request or a later one', async () => {
    const [first, second, later] = [iosDevice(), iosDevice(), iosDevice()];
    const event = { event_id: uniqueEventId() };
    await relay.notify(notifyRequest({ ...event, devices: [first.wire, second.wire] }));
    await relay.notify(notifyRequest({ ...event, devices: [later.wire, first.wire] }));
    for (const device of [first, second, later]) expect(await pushesTo(device, 1)).toHaveLength(1);
  });

  it('the same event and pushkey in another app', async () => {
    const device = iosDevice();
    const inBeta = { ...device.wire, app_id: 'com.example.beta' };
    await relay.notify(notifyRequest({ devices: [device.wire, inBeta] }));
    expect(await pushesTo(device, 2)).toHaveLength(2);
  });
});

/** What became of the devices of these requests, by the lines that ingress logged of them. */
async function decisions(answers: readonly NotifyAnswer[]): Promise<{ accepted: number; duplicates: number }> {
  const lines = await relay.requestLines(answers);
  const sum = (field: string): number => lines.reduce((total, line) => total + Number(line[field]), 0);
  return { accepted: sum('accepted'), duplicates: sum('duplicates') };
}

/** The pushes to one device once at least `count` have arrived and all are answered. */
async function pushesTo(device: TestDevice, count: number) {
  await relay.pushes(device, count);
  return until(() => {
    const pushes = relay.simulator.received({ pushkey: device.onWire });
    return pushes.every(({ status }) => status === 200) && pushes;
  });
}
