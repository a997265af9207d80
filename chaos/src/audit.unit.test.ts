import { audit } from './audit';
import { countsKey } from './notification';
import { testDelivery, testDevice, testPush } from './test-pushes';

const a = testDevice('a');
const dead = testDevice('dead', true);

describe('what was acknowledged', () => {
  it('is delivered when the provider took it', () => {
    const books = audit({ sent: [testPush('$1', a)], deliveries: [testDelivery('$1', a)], buried: [] });
    expect(books).toMatchObject({ acknowledged: 1, delivered: 1, lost: 0, secondPushes: 0, delayMs: { max: 50 } });
  });

  it.each([
    ['was never sent', []],
    ['was answered 503', [testDelivery('$1', a, { status: 503 })]],
    ['was not answered', [testDelivery('$1', a, { status: null })]],
    ['went to another device', [testDelivery('$1', testDevice('b'))]],
    ['was another event', [testDelivery('$2', a)]],
  ])('is lost when it %s', (_what, deliveries) => {
    const books = audit({ sent: [testPush('$1', a)], deliveries, buried: [] });
    expect(books).toMatchObject({ delivered: 0, lost: 1 });
    expect(books.losses).toEqual([expect.stringContaining('event $1 of com.example.ios, acknowledged after 0.10 s')]);
  });

  it('has a window when it is lost: from the first to the last', () => {
    const sent = [100, 900, 400].map((acknowledgedAt, index) => testPush(`$${index}`, a, { acknowledgedAt }));
    expect(audit({ sent, deliveries: [], buried: [] })).toMatchObject({ lost: 3, lostWindowMs: 800 });
  });

  it('is in the failed set with its outcome', () => {
    const buried = [{ pushkey: 'a', key: '$1', outcome: 'expired' as const, reason: 'deadline' }];
    expect(audit({ sent: [testPush('$1', a)], deliveries: [], buried })).toMatchObject({ expired: 1, lost: 0 });
  });
});

it('does not miss what was never acknowledged', () => {
  const sent = [testPush('$1', a, { acknowledgedAt: undefined })];
  expect(audit({ sent, deliveries: [], buried: [] })).toMatchObject({ sent: 1, acknowledged: 0, lost: 0 });
});

describe('dead devices', () => {
  it('are rejected, by the provider or by memory', () => {
    const sent = [testPush('$1', dead), testPush('$2', dead, { wasRejected: true })];
    const deliveries = [testDelivery('$1', dead, { status: 410 })];
    expect(audit({ sent, deliveries, buried: [] })).toMatchObject({ rejected: 2, lost: 0, wronglyRejected: 0 });
  });

  it('have to be asked for at least once', () => {
    expect(audit({ sent: [testPush('$1', dead)], deliveries: [], buried: [] })).toMatchObject({ lost: 1 });
  });

  it('are no others', () => {
    const sent = [testPush('$1', a, { wasRejected: true })];
    expect(audit({ sent, deliveries: [], buried: [] })).toMatchObject({ wronglyRejected: 1 });
  });
});

describe('updates of the counts', () => {
  const counts = (unread: number, tries = 1) => testPush(countsKey(unread), a, { kind: 'counts', tries });

  it('are superseded by a newer one that was delivered, not by an older one', () => {
    const sent = [counts(1), counts(2), counts(3)];
    const books = audit({ sent, deliveries: [testDelivery(countsKey(2), a)], buried: [] });
    expect(books).toMatchObject({ superseded: 1, delivered: 1, lost: 1 });
  });

  it('that the homeserver sent again may come again', () => {
    const deliveries = [testDelivery(countsKey(1), a), testDelivery(countsKey(1), a, { apnsId: 'other' })];
    expect(audit({ sent: [counts(1, 2)], deliveries, buried: [] })).toMatchObject({ secondPushes: 0, differentIds: 0 });
    expect(audit({ sent: [counts(1, 1)], deliveries, buried: [] })).toMatchObject({ secondPushes: 1, differentIds: 1 });
  });
});

it('counts second pushes, and those with other ids', () => {
  const deliveries = [
    testDelivery('$1', a),
    testDelivery('$1', a, { at: 1150 }),
    testDelivery('$1', a, { at: 2150, collapseId: 'other' }),
    testDelivery('$1', a, { at: 3150, apnsId: 'other' }),
  ];
  const books = audit({ sent: [testPush('$1', a)], deliveries, buried: [] });
  expect(books).toMatchObject({ delivered: 1, secondPushes: 3, differentIds: 2, secondGapMs: { p50: 2000, max: 3000 } });
});

it('knows counts that an older update overtook from lost ones: only a request that was sent again can do that', () => {
  const older = testPush(countsKey(1), a, { kind: 'counts', tries: 2 });
  const newer = testPush(countsKey(2), a, { kind: 'counts' });
  const deliveries = [testDelivery(countsKey(1), a)];
  expect(audit({ sent: [older, newer], deliveries, buried: [] })).toMatchObject({ overtaken: 1, lost: 0 });
  const once = { ...older, tries: 1 };
  expect(audit({ sent: [once, newer], deliveries, buried: [] })).toMatchObject({ overtaken: 0, lost: 1 });
  expect(audit({ sent: [older, newer], deliveries: [], buried: [] })).toMatchObject({ overtaken: 0, lost: 2 });
});
