import type { SimulatorCommand } from '@reveille/simulator';
import { fullNotifyRequest } from '@reveille/testing';

import { androidDevice, iosDevice, type TestDevice } from './devices';
import { startRelay, type Relay } from './start-relay';
import { until } from './wait';

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({
    // A provider that hangs is given up after a second, so that the tests need not wait for ten.
    config: { dispatcher: { request_timeout: '1s', shutdown_grace: '5s' } },
  });
});
afterAll(() => relay.stop());
afterEach(() => {
  relay.simulator.clearCommands();
  relay.simulator.setLatency(0);
});

/** Two clocks of one host: Redis wakes a delayed job by the millisecond, the simulator notes arrivals by it. */
const CLOCK_MS = 50;

describe('a deferred push', () => {
  it.each([
    ['503 with seconds', { status: 503, retryAfter: '1' }],
    ['429 TooManyRequests of that device', { status: 429, reason: 'TooManyRequests', retryAfter: '1' }],
    ['500 without a Retry-After', { status: 500 }],
    ['a 502 of a proxy, in HTML', { status: 502, body: '<html><h1>Bad Gateway</h1></html>' }],
    ['an answer of an unknown reason', { status: 503, reason: 'NewReasonOfApple' }],
  ])('is sent again as the same push: %s', async (_name, answer) => {
    const [device, other] = [iosDevice(), iosDevice()];
    relay.simulator.command({ pushkey: device.onWire, times: 1, answer });
    await send(device);
    await relay.pushes(device, 1);
    // Another device of the app does not wait for it.
    await send(other);
    await relay.pushes(other, 1);
    const [first, second] = await relay.pushes(device, 2);
    const waitMs = 'retryAfter' in answer ? 1000 : 0;
    expect(Number(second?.at) - Number(first?.at)).toBeGreaterThanOrEqual(waitMs - CLOCK_MS);
    await expectOnePush(device, [answer.status, 200]);
  });

  it('waits until the date that a Retry-After names', async () => {
    const device = iosDevice();
    const date = new Date(Date.now() + 2000).toUTCString(); // whole seconds: between one and two from now
    relay.simulator.command({ pushkey: device.onWire, times: 1, answer: { status: 503, retryAfter: date } });
    await send(device);
    const [, second] = await relay.pushes(device, 2);
    expect(second?.at).toBeGreaterThanOrEqual(Date.parse(date) - CLOCK_MS);
    await expectOnePush(device, [503, 200]);
  });

  it('makes its whole app wait when the quota of a Firebase project is used up', async () => {
    const [first, second] = [androidDevice(), androidDevice()];
    const answer = { status: 429, errorCode: 'QUOTA_EXCEEDED', retryAfter: '2' };
    relay.simulator.command({ provider: 'fcm', pushkey: first.onWire, times: 1, answer });
    await send(first);
    const [refused] = await relay.pushes(first, 1);
    await until(() => relay.logs().includes('app held'));
    await send(second);
    // Apple's app flows meanwhile.
    const ios = iosDevice();
    await send(ios);
    await relay.pushes(ios, 1);
    for (const { at } of [(await relay.pushes(first, 2))[1], (await relay.pushes(second, 1))[0]].filter(isDefined)) {
      expect(at - Number(refused?.at)).toBeGreaterThanOrEqual(2000 - CLOCK_MS);
    }
  });

  it('is tried many times while the provider is down, and arrives when it is up again', async () => {
    const device = iosDevice();
    relay.simulator.command({ pushkey: device.onWire, answer: { status: 503 } });
    await send(device);
    await relay.pushes(device, 6);
    relay.simulator.clearCommands();
    await until(() => relay.simulator.received({ pushkey: device.onWire }).at(-1)?.status === 200);
    expect(new Set(relay.simulator.received({ pushkey: device.onWire }).map(identity)).size).toBe(1);
  });
});

describe('a push whose answer is lost is sent again as the same push', () => {
  it.each<SimulatorCommand['answer'] & { fault: string }>([
    { fault: 'close' },
    { fault: 'reset' },
    { fault: 'goaway' },
    { fault: 'hang' },
    { fault: 'huge' },
  ])('$fault', async (answer) => {
    const device = iosDevice();
    relay.simulator.command({ pushkey: device.onWire, times: 1, answer });
    await send(device);
    await relay.pushes(device, 2);
    await expectOnePush(device, [null, 200]);
  });

  it('all in flight, when the connection is destroyed', async () => {
    const [answered, inFlight] = [devices(20), devices(20)];
    for (const { onWire } of inFlight) {
      relay.simulator.command({ pushkey: onWire, times: 1, answer: { fault: 'hang' } });
    }
    const before = deliveriesKnown();
    await Promise.all([...answered, ...inFlight].map(send));
    await Promise.all(inFlight.map((device) => relay.pushes(device, 1)));
    // An answer that the simulator gave may be lost with the connection: only what the relay knows counts as answered.
    await until(() => deliveriesKnown() - before >= answered.length, 'the others are answered');
    relay.simulator.destroySessions();
    for (const device of inFlight) await expectOnePush(device, [null, 200]);
    for (const device of answered) await expectOnePush(device, [200]);
  });

  it('none, when a GOAWAY lets those in flight finish', async () => {
    const forty = devices(40);
    relay.simulator.setLatency(200);
    await Promise.all(forty.map(send));
    await Promise.all(forty.map((device) => relay.pushes(device, 1)));
    relay.simulator.goaway();
    const later = iosDevice();
    await send(later);
    await delivered([...forty, later]);
    for (const device of forty) expect(relay.simulator.received({ pushkey: device.onWire })).toHaveLength(1);
  });

  it('even when every session ends at once, again and again', async () => {
    const twenty = devices(20);
    relay.simulator.setLatency(50);
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(twenty.slice(round * 5).map(send));
      relay.simulator.destroySessions();
    }
    await delivered(twenty);
  });
});

async function send(device: TestDevice): Promise<void> {
  const answer = await relay.notify(fullNotifyRequest({ devices: [device.wire] }));
  expect(answer).toMatchObject({ status: 200, body: { rejected: [] } });
}

function devices(count: number): TestDevice[] {
  return Array.from({ length: count }, () => iosDevice());
}

/** How many pushes the relay says it has delivered. */
function deliveriesKnown(): number {
  return relay.logs().split('"outcome":"delivered"').length - 1;
}

/** The statuses of all attempts, and that they were one push to Apple: the same id, collapse id, deadline, payload. */
async function expectOnePush(device: TestDevice, statuses: readonly (number | null)[]): Promise<void> {
  const attempts = await until(() => {
    const pushes = relay.simulator.received({ pushkey: device.onWire });
    return pushes.at(-1)?.status === 200 && pushes;
  });
  expect(attempts.map(({ status }) => status)).toEqual(statuses);
  expect(new Set(attempts.map(identity)).size).toBe(1);
}

function identity({ headers, payload }: { headers: Readonly<Record<string, string>>; payload: unknown }): string {
  const { 'apns-id': id, 'apns-collapse-id': collapseId, 'apns-expiration': expiration } = headers;
  return JSON.stringify({ id, collapseId, expiration, payload });
}

async function delivered(devices: readonly TestDevice[]): Promise<void> {
  await until(
    () =>
      devices.every(({ onWire }) => relay.simulator.received({ pushkey: onWire }).some(({ status }) => status === 200)),
    'all delivered',
  );
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}
