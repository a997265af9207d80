import { countsRequest, fullNotifyRequest, notifyRequest } from '@reveille/testing';

import { deadLetters } from './dead-letters';
import { androidDevice, iosDevice, type TestDevice } from './devices';
import { apnsApp, fcmApp, ANDROID, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';

const SHORT = 'com.example.short-lived';
/** Milliseconds. */
const SHORT_AGE = 1200;

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({
    apps: (simulator) => ({
      [IOS]: apnsApp(simulator),
      [ANDROID]: fcmApp(simulator),
      [SHORT]: apnsApp(simulator, { max_age: { event: `${SHORT_AGE}ms` } }),
    }),
  });
});
afterAll(() => relay.stop());

describe('updates of the counts', () => {
  it.each([
    ['ios', iosDevice(), [{ payload: { aps: { badge: 7 } } }]],
    ['android', androidDevice(), [{ payload: { message: { data: { unread: '7' } } } }]],
  ])('of one device that waited together: only the newest is sent (%s)', async (_name, device, pushes) => {
    const other = { ...iosDevice(), unread: 1 };
    const ended = await withoutDispatcher(async () => {
      for (const unread of [5, 3, 7]) await accepted(countsRequest(unread, device.wire));
      await accepted(countsRequest(other.unread, other.wire));
      await accepted(notifyRequest({ devices: [device.wire], counts: { unread: 9 } }));
    });
    const outcomes = await ended(5);
    expect(outcomes.filter((outcome) => outcome === 'superseded')).toHaveLength(2);
    expect(outcomes.filter((outcome) => outcome === 'delivered')).toHaveLength(3);
    // The other device's is its own, and an event is never superseded.
    expect(relay.simulator.received({ pushkey: other.onWire })).toHaveLength(1);
    const [event, ...updates] = relay.simulator
      .received({ pushkey: device.onWire })
      .toSorted((a, b) => Number(isUpdate(a.payload)) - Number(isUpdate(b.payload)));
    expect(isUpdate(event?.payload)).toBe(false);
    expect(updates).toMatchObject(pushes);
  });

  it('an older one that waits for its next attempt is superseded by a newer one that was sent', async () => {
    const device = iosDevice();
    const before = relay.outcomes().length;
    relay.simulator.command({ pushkey: device.onWire, times: 1, answer: { status: 503, retryAfter: '1' } });
    await accepted(countsRequest(1, device.wire));
    await relay.pushes(device, 1);
    await accepted(countsRequest(2, device.wire));
    await until(() => relay.outcomes().length === before + 2);
    expect(relay.outcomes().slice(before)).toMatchObject([
      { outcome: 'delivered', attempts: 1 },
      { outcome: 'superseded', attempts: 2 },
    ]);
    expect(relay.simulator.received({ pushkey: device.onWire })).toMatchObject([
      { payload: { aps: { badge: 1 } }, status: 503 },
      { payload: { aps: { badge: 2 } }, status: 200 },
    ]);
  });
});

describe('a push past its deadline', () => {
  it('is not sent any more, and ends among the dead letters: an app with a short max_age', async () => {
    const device = iosDevice({}, SHORT);
    const ended = await withoutDispatcher(async () => {
      await accepted(notifyRequest({ devices: [device.wire] }));
      await passes(SHORT_AGE);
    });
    expect(await ended(1)).toEqual(['expired']);
    expect(relay.simulator.received({ pushkey: device.onWire })).toEqual([]);
    expect(await deadLetters(relay.redisUrl, SHORT)).toEqual([{ outcome: 'expired', reason: 'deadline' }]);
  });

  it('is a call that rang for its lifetime, while the event beside it is still sent', async () => {
    const [caller, reader] = [iosDevice(), iosDevice()];
    const ended = await withoutDispatcher(async () => {
      await accepted(callRequest(caller, { lifetime: 500 }));
      await accepted(fullNotifyRequest({ devices: [reader.wire], content: { lifetime: 500, body: 'still here' } }));
      await passes(500);
    });
    expect((await ended(2)).toSorted()).toEqual(['delivered', 'expired']);
    expect(relay.simulator.received({ pushkey: caller.onWire })).toEqual([]);
    expect(relay.simulator.received({ pushkey: reader.onWire })).toHaveLength(1);
  });

  it('is tried until then, however often the provider is down, and its letter says what it said', async () => {
    const device = iosDevice({}, SHORT);
    const before = relay.outcomes().length;
    relay.simulator.command({ pushkey: device.onWire, answer: { status: 503 } });
    await accepted(notifyRequest({ devices: [device.wire] }));
    await until(() => relay.outcomes().length === before + 1);
    expect(relay.outcomes()[before]).toMatchObject({ outcome: 'expired' });
    expect(relay.simulator.received({ pushkey: device.onWire }).length).toBeGreaterThan(2);
    expect(await deadLetters(relay.redisUrl, SHORT)).toContainEqual({
      outcome: 'expired',
      reason: 'deadline',
      provider_status: 503,
      provider_reason: 'ServiceUnavailable',
    });
  });
});

describe('the deadline that the provider gets', () => {
  it.each([
    ['an event: an hour', (device: TestDevice) => notifyRequest({ devices: [device.wire] }), 3600],
    ['an update of the counts: ten minutes', (device: TestDevice) => countsRequest(1, device.wire), 600],
    ['a call: a minute', (device: TestDevice) => callRequest(device, {}), 60],
    ['a call with its own lifetime', (device: TestDevice) => callRequest(device, { lifetime: 30_000 }), 30],
    ['a lifetime beyond reason', (device: TestDevice) => callRequest(device, { lifetime: 1e15 }), 3600],
    ['a lifetime that is no number', (device: TestDevice) => callRequest(device, { lifetime: '9' }), 60],
  ])('of %s', async (_name, request, seconds) => {
    const device = iosDevice();
    const before = Math.floor(Date.now() / 1000);
    await accepted(request(device));
    const after = Math.ceil(Date.now() / 1000);
    const [push] = await relay.pushes(device, 1);
    const expiration = Number(push?.headers['apns-expiration']);
    expect(expiration).toBeGreaterThanOrEqual(before + seconds);
    expect(expiration).toBeLessThanOrEqual(after + seconds);
  });
});

/**
 * Does something while no dispatcher runs, starts one, and returns what waits for the outcomes of the `count` dispatches
 * that were left for it.
 */
async function withoutDispatcher(work: () => Promise<void>): Promise<(count: number) => Promise<string[]>> {
  const running = relay.dispatchers.at(-1);
  if (!running) throw new Error('no dispatcher runs');
  await relay.end(running);
  const before = relay.outcomes().length;
  try {
    await work();
  } finally {
    await relay.start('dispatcher');
  }
  return async (count) => {
    await until(() => relay.outcomes().length >= before + count, `${count} outcomes`);
    return relay.outcomes().slice(before).map(({ outcome }) => outcome);
  };
}

async function accepted(body: unknown): Promise<void> {
  expect(await relay.notify(body)).toMatchObject({ status: 200, body: { rejected: [] } });
}

async function passes(ms: number): Promise<void> {
  const end = Date.now() + ms;
  await until(() => Date.now() > end);
}

function callRequest(device: TestDevice, content: object) {
  return fullNotifyRequest({ type: 'm.call.invite', content, devices: [device.wire] });
}

/** Whether a payload is that of an update of the counts: it names no event. */
function isUpdate(payload: unknown): boolean {
  return !JSON.stringify(payload).includes('event_id');
}
