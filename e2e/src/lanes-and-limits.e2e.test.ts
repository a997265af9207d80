import { fullNotifyRequest, notifyRequest } from '@reveille/testing';

import { androidDevice, iosDevice, type TestDevice } from './devices';
import { ANDROID, apnsApp, fcmApp, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';

const NARROW = 'com.example.narrow';
const SMALL = 'com.example.small';
const LIMIT = 3;

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({
    apps: (simulator) => ({
      [IOS]: apnsApp(simulator),
      [ANDROID]: fcmApp(simulator, { concurrency: 2 }),
      [NARROW]: apnsApp(simulator, { concurrency: 1 }),
      [SMALL]: apnsApp(simulator, { queue_limit: { count: LIMIT } }),
    }),
  });
});
afterAll(() => relay.stop());
afterEach(() => {
  relay.simulator.clearCommands();
  relay.simulator.setLatency(0);
});

describe('within an app', () => {
  it('high goes before low, whatever came first, and each lane keeps its order', async () => {
    const low = newDevices(6, NARROW);
    const high = newDevices(6, NARROW);
    await relay.end(dispatcher());
    relay.simulator.clearReceived();
    for (const device of low) await send([device], 'low');
    for (const device of high) await send([device], 'high');
    await relay.start('dispatcher');
    const all = [...high, ...low];
    await until(() => relay.simulator.received().length === all.length);
    expect(relay.simulator.received().map(({ pushkey }) => pushkey)).toEqual(all.map(({ onWire }) => onWire));
  });

  it('no more are in flight than its concurrency', async () => {
    const devices = Array.from({ length: 12 }, () => androidDevice());
    relay.simulator.setLatency(50);
    await send(devices, 'high');
    for (const device of devices) await relay.outcomesOf(device, 1);
    const arrivals = devices.map(({ onWire }) => relay.simulator.received({ pushkey: onWire })[0]?.at ?? 0).toSorted((a, b) => a - b);
    // Two at a time, each 50 ms and more: of every three in a row, the third came after the first was answered.
    for (const [index, at] of arrivals.slice(2).entries()) expect(at - Number(arrivals[index])).toBeGreaterThanOrEqual(45);
  });
});

describe('between apps', () => {
  it('one whose provider hangs delays no other', async () => {
    const stuck = Array.from({ length: 10 }, () => androidDevice());
    for (const { onWire: pushkey } of stuck) relay.simulator.command({ pushkey, times: 1, answer: { fault: 'hang' } });
    await send(stuck, 'high');
    await until(() => stuck.some(({ onWire }) => relay.simulator.received({ pushkey: onWire }).length > 0));
    const others = newDevices(50, IOS);
    await send(others, 'low');
    for (const device of others) expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome: 'delivered', attempts: 1 }]);
    // Still none of the ten: what the others have been through was not after them.
    expect(stuck.filter(({ onWire }) => relay.simulator.received({ pushkey: onWire }).some(({ status }) => status !== null))).toEqual([]);
  });

  it('one whose queue is full is refused, so that homeservers keep its events; the others are not', async () => {
    await relay.end(dispatcher());
    const [first, ...rest] = newDevices(LIMIT + 1, SMALL);
    const other = iosDevice();
    if (!first) throw new Error('no device');
    const event = (devices: readonly TestDevice[]) => fullNotifyRequest({ devices: devices.map(({ wire }) => wire) });
    expect(await relay.notify(event(rest))).toMatchObject({ status: 200 });
    // For both apps: the one that has room takes its push, and tells nobody before the other does too.
    const both = event([other, first]);
    const refused = await relay.notify(both);
    expect(refused).toMatchObject({ status: 503, body: { errcode: 'M_LIMIT_EXCEEDED' } });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await relay.notify(event([iosDevice()]))).toMatchObject({ status: 200 });
    await relay.start('dispatcher');
    for (const device of rest) await relay.pushes(device, 1);
    // The homeserver's next try.
    await until(async () => (await relay.notify(both)).status === 200);
    for (const device of [first, other]) expect(await relay.pushes(device, 1)).toHaveLength(1);
    for (const device of [first, other, ...rest]) expect(await relay.outcomesOf(device, 1)).toHaveLength(1);
  });
});

function newDevices(count: number, appId: string): TestDevice[] {
  return Array.from({ length: count }, () => iosDevice({}, appId));
}

function dispatcher() {
  const found = relay.dispatchers.findLast((each) => !each.isEnding());
  if (!found) throw new Error('no dispatcher runs');
  return found;
}

async function send(devices: readonly TestDevice[], prio: 'high' | 'low'): Promise<void> {
  const answer = await relay.notify(notifyRequest({ prio, devices: devices.map(({ wire }) => wire) }));
  expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });
}
