import type { Deferred, Dispatch, SendOutcome } from '@reveille/provider';
import type { Budget } from './budget';
import type { DeviceQuota } from './device-quota';
import { governSend, type GovernorEvent } from './govern-send';

const NOW = 1_795_333_200_000;
const dispatch: Dispatch = {
  id: '9f0c2c6e-6a3b-4a57-9f0c-2c6e6a3b4a57',
  kind: 'event',
  acceptedAt: NOW,
  deadline: NOW + 60_000,
  deviceHash: 'device-hash',
  device: { appId: 'com.example.android', pushkey: 'p', defaultPayload: { kind: 'absent' } },
  notification: { eventId: '$e', userIsTarget: false, priority: 'low', counts: {} },
};
const tooMany = { status: 429, reason: 'QUOTA_EXCEEDED', latencyMs: 1 };
const overQuota: Deferred = { kind: 'deferred', reason: 'QUOTA_EXCEEDED', scope: 'app', retryAfterMs: 60_000, quota: {}, answer: tooMany };

interface Wiring {
  readonly outcome?: SendOutcome;
  readonly mayGo?: boolean;
  readonly deviceWaitMs?: number;
  readonly isBusy?: boolean;
  readonly withoutBudget?: boolean;
  /** How long the budget lets the push wait. */
  readonly waitsMs?: number;
}

function wire({ outcome = { kind: 'delivered', answer: { status: 200, reason: 'ok', latencyMs: 1 } }, ...given }: Wiring) {
  const calls: string[] = [];
  const events: GovernorEvent[] = [];
  let time = NOW;
  const budget: Budget = {
    take(lane) {
      calls.push(`take ${lane}`);
      time += given.waitsMs ?? 0;
      return Promise.resolve(given.mayGo ?? true);
    },
    giveBack: () => calls.push('give back'),
    refused(startedAt, retryAfterMs) {
      calls.push(`refused ${startedAt - NOW} ${retryAfterMs}`);
      return Promise.resolve(1000);
    },
    tick: () => undefined,
    waiting: () => 0,
    perMinute: () => 0,
    width: () => undefined,
    dispatchers: () => 1,
    close: () => undefined,
  };
  const devices: DeviceQuota = {
    take: () => (given.deviceWaitMs === undefined ? undefined : Promise.resolve(given.deviceWaitMs)),
    giveBack: () => calls.push('device gives back'),
    isBusy: () => given.isBusy ?? false,
    refused: (deviceHash, retryAfterMs) => calls.push(`device refused ${deviceHash} ${retryAfterMs}`),
  };
  const send = governSend(
    () => {
      calls.push('send');
      return Promise.resolve(outcome);
    },
    { budget: given.withoutBudget ? undefined : budget, devices, now: () => time, onEvent: (event) => events.push(event) },
  );
  return { send: () => send(dispatch), calls, events };
}

test('asks for its turn in its lane, then the provider', async () => {
  const { send, calls } = wire({});
  expect(await send()).toMatchObject({ kind: 'delivered' });
  expect(calls).toEqual(['take low', 'send']);
});

test('goes back to the queue when its turn does not come', async () => {
  const { send, calls, events } = wire({ mayGo: false });
  expect(await send()).toEqual({ kind: 'over-quota' });
  expect(calls).toEqual(['take low', 'device gives back']);
  expect(events).toEqual([{ kind: 'waits', scope: 'app' }]);
});

test('waits for its device without taking a turn from the others', async () => {
  const { send, calls, events } = wire({ deviceWaitMs: 5000 });
  expect(await send()).toEqual({ kind: 'over-quota', waitMs: 5000 });
  expect(calls).toEqual([]);
  expect(events).toEqual([{ kind: 'waits', scope: 'device' }]);
});

test('waits for its device no longer than until its deadline, when it is found to be late', async () => {
  const { send } = wire({ deviceWaitMs: 3_600_000 });
  expect(await send()).toEqual({ kind: 'over-quota', waitMs: 60_000 });
});

test('is not sent when its deadline has passed meanwhile', async () => {
  const { send, calls } = wire({ waitsMs: 60_000 });
  expect(await send()).toEqual({ kind: 'expired' });
  expect(calls).toEqual(['take low', 'give back', 'device gives back']);
});

test.each<[string, SendOutcome]>([
  ['nothing to send', { kind: 'skipped', reason: 'nothing-to-send' }],
  ['a pushkey that is none', { kind: 'rejected', reason: 'malformed-pushkey', diedAt: NOW, suspect: false }],
  ['a payload that cannot be', { kind: 'undeliverable', reason: 'payload-too-large' }],
])('%s: the provider was not asked, and nothing of the quota is used', async (_name, outcome) => {
  const { send, calls } = wire({ outcome });
  expect(await send()).toBe(outcome);
  expect(calls).toEqual(['take low', 'send', 'give back', 'device gives back']);
});

test('a refusal for the quota holds the app for as long as the governor says', async () => {
  const { send, calls, events } = wire({ outcome: overQuota });
  expect(await send()).toEqual({ ...overQuota, quota: { holdMs: 1000 } });
  expect(calls).toEqual(['take low', 'send', 'refused 0 undefined']);
  expect(events).toEqual([{ kind: 'refused', scope: 'app' }]);
});

test('the time that the provider names is passed on', async () => {
  const { send, calls } = wire({ outcome: { ...overQuota, quota: { namedMs: 7000 } } });
  await send();
  expect(calls).toContain('refused 0 7000');
});

test('without a governor the app is held as the provider library says', async () => {
  const { send } = wire({ outcome: overQuota, withoutBudget: true });
  expect(await send()).toBe(overQuota);
});

test('a refusal of a device that gets very many is taken for its own', async () => {
  const { send, calls, events } = wire({ outcome: overQuota, isBusy: true });
  expect(await send()).toEqual({ kind: 'deferred', reason: 'QUOTA_EXCEEDED', scope: 'push', retryAfterMs: 60_000, answer: tooMany });
  expect(calls).toEqual(['take low', 'send', 'device refused device-hash undefined']);
  expect(events).toEqual([{ kind: 'refused', scope: 'device' }]);
});

test("Apple's TooManyRequests is for that device alone", async () => {
  const outcome: Deferred = { kind: 'deferred', reason: 'TooManyRequests', scope: 'push', answer: { ...tooMany, reason: 'TooManyRequests' } };
  const { send, calls } = wire({ outcome });
  expect(await send()).toBe(outcome);
  expect(calls).toEqual(['take low', 'send', 'device refused device-hash undefined']);
});

test("Apple's TooManyProviderTokenUpdates is no matter of pushes", async () => {
  const reason = 'TooManyProviderTokenUpdates';
  const outcome: Deferred = { kind: 'deferred', reason, scope: 'app', retryAfterMs: 60_000, answer: { ...tooMany, reason } };
  const { send, calls } = wire({ outcome });
  expect(await send()).toBe(outcome);
  expect(calls).toEqual(['take low', 'send']);
});
