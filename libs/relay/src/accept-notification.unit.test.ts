import type { Notification } from '@reveille/notification';
import { acceptNotification, type AcceptDeps, type Admission, type AdmissionVerdict, type EnqueueResult } from './accept-notification';
import type { AppRoute } from './app-policy';

const NOW = 1_795_333_200_000;
const maxAgeMs = { event: 3_600_000, call: 60_000, counts: 600_000 };

interface Recorded {
  readonly deps: AcceptDeps;
  readonly admissions: Admission[];
}

/** The functions that main.ts would wire, with the verdicts of the queue given. */
function relay(verdicts: AdmissionVerdict[] | EnqueueResult, overrides: Partial<AcceptDeps> = {}): Recorded {
  const admissions: Admission[] = [];
  let ids = 0;
  const deps: AcceptDeps = {
    routeApp: (appId): AppRoute => {
      if (appId.startsWith('unknown')) return { kind: 'none' };
      if (appId.startsWith('ambiguous')) return { kind: 'ambiguous' };
      return { kind: 'app', app: { key: 'com.example.*', maxAgeMs } };
    },
    unknownApp: 'reject',
    hashDevice: (appId, pushkey) => `hash(${appId},${pushkey})`,
    hashEvent: (eventId) => `+${eventId}`,
    hashRoom: (roomId) => `room ${roomId}`,
    newId: () => `id-${++ids}`,
    nextTurn: () => Promise.resolve(),
    now: () => NOW,
    enqueueDispatches: (all) => {
      admissions.push(...all);
      return Promise.resolve(Array.isArray(verdicts) ? { ok: true, verdicts } : verdicts);
    },
    ...overrides,
  };
  return { deps, admissions };
}

function notification(appIds: string[], fields: Partial<Notification> = {}): Notification {
  return {
    eventId: '$event',
    userIsTarget: false,
    priority: 'high',
    counts: {},
    devices: appIds.map((appId, index) => ({ appId, pushkey: `p${index}`, defaultPayload: { kind: 'absent' } })),
    ...fields,
  };
}

it('makes one dispatch a device, each with its own id and the event they share', async () => {
  const { deps, admissions } = relay(['accepted', 'accepted']);
  const result = await acceptNotification(notification(['com.example.a', 'com.example.b']), deps);
  expect(result).toMatchObject({ ok: true, rejected: [] });
  expect(admissions).toMatchObject([
    { appKey: 'com.example.*', duplicateKey: 'hash(com.example.a,p0)+$event', dispatch: { id: 'id-1', kind: 'event', acceptedAt: NOW, deadline: NOW + 3_600_000, device: { pushkey: 'p0' } } },
    { dispatch: { id: 'id-2', deviceHash: 'hash(com.example.b,p1)' } },
  ]);
  expect(admissions[0]?.dispatch.notification).not.toHaveProperty('devices');
});

it('judges the devices of one request one by one', async () => {
  const { deps } = relay(['known-rejection', 'duplicate', 'accepted']);
  const result = await acceptNotification(
    notification(['com.example.dead', 'unknown', 'com.example.twice', 'ambiguous', 'com.example.fine']),
    deps,
  );
  expect(result).toMatchObject({ ok: true, rejected: ['p0', 'p1', 'p3'] });
  expect(result.ok && result.decisions.map(({ decision }) => decision)).toEqual([
    'known-rejection', 'unknown-app', 'duplicate', 'ambiguous-app', 'accepted',
  ]);
});

it('drops pushkeys of unknown apps without rejecting them where that is configured', async () => {
  const { deps, admissions } = relay([], { unknownApp: 'accept' });
  expect(await acceptNotification(notification(['unknown', 'ambiguous']), deps)).toMatchObject({ ok: true, rejected: [] });
  expect(admissions).toEqual([]);
});

it('lists a pushkey once', async () => {
  const { deps } = relay([]);
  const twice = notification(['unknown.a', 'unknown.b']);
  const [first] = twice.devices;
  if (!first) throw new Error('no device');
  const result = await acceptNotification({ ...twice, devices: [first, { ...first, appId: 'unknown.b' }] }, deps);
  expect(result).toMatchObject({ rejected: ['p0'] });
});

it('does not acknowledge when one device of several finds its queue full', async () => {
  const { deps } = relay(['accepted', 'queue-full']);
  expect(await acceptNotification(notification(['a', 'b']), deps)).toMatchObject({ ok: false, reason: 'queue-full' });
});

it('does not acknowledge a device that got no verdict', async () => {
  const { deps } = relay(['accepted']);
  expect(await acceptNotification(notification(['a', 'b']), deps)).toMatchObject({ ok: false });
});

it('passes on why nothing could be queued', async () => {
  const { deps } = relay({ ok: false, reason: 'unavailable', detail: 'OOM' });
  expect(await acceptNotification(notification(['a']), deps)).toEqual({ ok: false, reason: 'unavailable', detail: 'OOM' });
});

describe('kinds and deadlines', () => {
  const admitted = async (fields: Partial<Notification>) => {
    const { deps, admissions } = relay(['accepted']);
    const { eventId: _eventId, ...bare } = notification(['a']);
    await acceptNotification({ ...bare, ...fields }, deps);
    const [admission] = admissions;
    return [admission?.dispatch.kind, (admission?.dispatch.deadline ?? 0) - NOW, admission?.duplicateKey !== undefined];
  };
  const content = { text: {}, offersVideo: false };
  it.each<[string, Partial<Notification>, [string, number, boolean]]>([
    ['an event', { eventId: '$e' }, ['event', 3_600_000, true]],
    ['an event without id but with type', { type: 'm.room.message' }, ['event', 3_600_000, false]],
    ['an update of the counts', { counts: { unread: 0 } }, ['counts', 600_000, false]],
    ['a call', { eventId: '$e', type: 'm.call.invite' }, ['call', 60_000, true]],
    ['a group call', { eventId: '$e', type: 'm.rtc.notification' }, ['call', 60_000, true]],
    ['a group call of before', { eventId: '$e', type: 'org.matrix.msc4075.rtc.notification' }, ['call', 60_000, true]],
    ['a call with a lifetime', { eventId: '$e', type: 'm.call.invite', content: { ...content, lifetimeMs: 30_000.7 } }, ['call', 30_000, true]],
    ['a call with an endless lifetime', { eventId: '$e', type: 'm.call.invite', content: { ...content, lifetimeMs: 1e300 } }, ['call', 3_600_000, true]],
    ['an event with a lifetime', { eventId: '$e', type: 'm.beacon', content: { ...content, lifetimeMs: 5 } }, ['event', 3_600_000, true]],
  ])('%s', async (_name, fields, expected) => {
    expect(await admitted(fields)).toEqual(expected);
  });
});

describe('an app that was removed from the configuration', () => {
  const routeApp = (appId: string): AppRoute =>
    appId === 'gone' ? { kind: 'removed', key: 'go*' } : { kind: 'app', app: { key: 'com.example.*', maxAgeMs } };

  it('has its pushes dropped, and its pushkeys kept', async () => {
    const { deps, admissions } = relay(['known-rejection'], { routeApp });
    const result = await acceptNotification(notification(['gone', 'a']), deps);
    expect(result).toMatchObject({ ok: true, rejected: ['p1'] });
    expect(result.ok && result.decisions[0]).toMatchObject({ decision: 'removed-app', appKey: 'go*' });
    expect(admissions).toHaveLength(1);
  });

  it('is not called unknown while nobody knows, nor is anything else of the request queued', async () => {
    const undecided = { routeApp: (appId: string): AppRoute => (appId === 'a' ? routeApp(appId) : { kind: 'undecided' }) };
    const { deps, admissions } = relay(['accepted'], undecided);
    expect(await acceptNotification(notification(['a', 'what']), deps)).toMatchObject({ ok: false, reason: 'unavailable' });
    expect(admissions).toEqual([]);
    const dropping = relay(['accepted'], { ...undecided, unknownApp: 'accept' });
    expect(await acceptNotification(notification(['a', 'what']), dropping.deps)).toMatchObject({ ok: true, rejected: [] });
  });
});

it('does not acknowledge what a limit held back, and says when to come again', async () => {
  const { deps } = relay({ ok: true, verdicts: ['accepted', 'limited'], retryAfterMs: 1234 });
  expect(await acceptNotification(notification(['a', 'b']), deps)).toMatchObject({ ok: false, reason: 'limited', retryAfterMs: 1234 });
  const full = relay({ ok: true, verdicts: ['queue-full', 'limited'] });
  expect(await acceptNotification(notification(['a', 'b']), full.deps)).toMatchObject({ ok: false, reason: 'queue-full' });
});
