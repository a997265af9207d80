import { notifyRequest } from '@reveille/testing';

import { androidDevice, iosDevice, type TestDevice } from './devices';
import { ANDROID, apnsApp, fcmApp, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';

const PUSHES = 500;
/** Requests under way at once, as from so many pushers of a homeserver. */
const AT_ONCE = 25;

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({
    ingresses: 2,
    dispatchers: 2,
    apps: (simulator) => ({
      // Narrow enough that the load lasts while a dispatcher goes.
      [IOS]: apnsApp(simulator, { concurrency: 10 }),
      [ANDROID]: fcmApp(simulator, { concurrency: 10 }),
    }),
  });
});
afterAll(() => relay.stop());
beforeEach(() => relay.simulator.clearReceived());

describe('two ingress and two dispatchers on one Redis', () => {
  it(`each of ${PUSHES} pushes arrives exactly once, and both dispatchers work`, async () => {
    const devices = manyDevices();
    const before = relay.outcomes().length;
    relay.simulator.setLatency(5);
    await sendAll(devices);
    await expectEachOnce(devices, before);
    for (const dispatcher of relay.dispatchers) {
      expect(dispatcher.lines().some(({ outcome }) => outcome === 'delivered')).toBe(true);
    }
  });

  it('a dispatcher that ends under load loses nothing and doubles nothing; one that starts joins in', async () => {
    const devices = manyDevices();
    const before = relay.outcomes().length;
    const [leaving] = relay.dispatchers;
    if (!leaving) throw new Error('not started');
    // Slower than any machine sends: the load lasts.
    relay.simulator.setLatency(200);
    await sendAll(devices);
    expect(leaving.lines().filter(({ outcome }) => outcome === 'delivered').length).toBeGreaterThan(0);
    expect(relay.simulator.received().length).toBeLessThan(PUSHES);
    // Rejects unless the exit code is 0.
    await relay.end(leaving);
    await relay.start('dispatcher');
    await expectEachOnce(devices, before);
  });

  it('an ingress that ends under load answers what it has taken', async () => {
    const devices = manyDevices().slice(0, 100);
    const before = relay.outcomes().length;
    const [leaving] = relay.ingresses;
    if (!leaving) throw new Error('not started');
    relay.simulator.setLatency(0);
    const events = devices.map((device) => notifyRequest({ devices: [device.wire] }));
    const firstTries = events.map((event) => relay.notify(event, 0).catch(() => undefined));
    const ended = relay.end(leaving);
    const answers = await Promise.all(firstTries);
    await ended;
    // What was refused or never answered is sent again, as a homeserver does, to the one that is left.
    for (const [index, answer] of answers.entries()) {
      if (answer?.status !== 200) expect(await relay.notify(events[index], 1)).toMatchObject({ status: 200 });
    }
    await expectEachOnce(devices, before);
  });
});

function manyDevices(): TestDevice[] {
  return Array.from({ length: PUSHES }, (_, index) => (index % 3 === 0 ? androidDevice() : iosDevice()));
}

async function sendAll(devices: readonly TestDevice[]): Promise<void> {
  const queue = devices.entries();
  const send = async (): Promise<void> => {
    for (const [index, device] of queue) {
      const prio = index % 2 === 0 ? 'high' : 'low';
      const answer = await relay.notify(notifyRequest({ prio, devices: [device.wire] }), index % 2);
      expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
}

/** Waits for the final outcome of every device's dispatch: one each, all delivered, by one request each. */
async function expectEachOnce(devices: readonly TestDevice[], outcomesBefore: number): Promise<void> {
  await until(() => relay.outcomes().length >= outcomesBefore + devices.length, 'all outcomes');
  const outcomes = relay.outcomes().slice(outcomesBefore);
  expect(outcomes.filter(({ outcome, attempts }) => outcome === 'delivered' && attempts === 1)).toHaveLength(devices.length);
  expect(new Set(outcomes.map(({ dispatch_id }) => dispatch_id)).size).toBe(devices.length);
  const arrived = relay.simulator.received().map(({ pushkey }) => pushkey);
  expect(arrived.toSorted()).toEqual(devices.map(({ onWire }) => onWire).toSorted());
}
