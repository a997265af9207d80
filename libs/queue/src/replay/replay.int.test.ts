import { randomBytes, randomUUID } from 'node:crypto';
import { eventually, eventuallyPasses } from '@reveille/testing';
import { setDraining } from '../app-controls';
import { createAppGate } from '../app-gate';
import { createDispatchCodec } from '../dispatch-codec';
import { historyEntry } from '../attempt-history';
import { ALL, DEAD, LIMITS, over, useTestReplays } from './test-replay';

const { redis, prefix, base, queue, replays, fail, engine, sendTo, difference, enqueue, appQueue, admit } = useTestReplays();

it('sends what failed once more, with its attempts begun anew, and counts how each ended', async () => {
  const history = [historyEntry(1, 'http', { status: 503, reason: 'ServiceUnavailable' })];
  const ids = await fail([{}, {}, {}, {}], undefined, { history });
  const sent: string[] = [];
  const attempts: number[] = [];
  sendTo(sent, (dispatch, attemptsMade) => {
    attempts.push(attemptsMade);
    if (dispatch.id === ids[0]) return { kind: 'done', end: 'rejected', reason: 'Unregistered' };
    if (dispatch.id === ids[1]) return { kind: 'dead', letter: { outcome: 'dead', reason: 'BadTopic', provider_status: 400 } };
    return { kind: 'done', end: 'delivered' };
  });
  engine(replays());
  const id = await replays().start(ALL, 'alice');
  const replay = await over(replays(), id);
  expect(replay).toMatchObject({
    ...{ id, by: 'alice', matched: 4, done: 4, waiting: 0 },
    ends: { delivered: 2, rejected: 1, dead: 1, expired: 0, skipped: 0, superseded: 0 },
  });
  expect(sent.toSorted()).toEqual(ids.toSorted());
  expect(attempts).toEqual([0, 0, 0, 0]);
  expect(await queue().getFailedCount()).toBe(1);
  expect(await difference()).toBe(0);
  // What failed again is none of the replay's any more, but of the next one's.
  expect(await replays().preview({ filter: {}, includeExpired: false })).toMatchObject({ matched: 1, wouldSend: 1 });
  expect((await replays().list()).map((one) => one.id)).toEqual([id]);
});

it('sends what the filter means, and nothing else', async () => {
  const [one = '', , three = ''] = await fail([{}, {}, {}]);
  const sent: string[] = [];
  sendTo(sent);
  engine(replays());
  await over(replays(), await replays().start({ ...ALL, filter: { app: 'a', ids: [one, three, randomUUID()] } }, 'alice'));
  expect(sent.toSorted()).toEqual([one, three].toSorted());
  expect(await queue().getFailedCount()).toBe(1);
});

const DEVICE = { appId: 'a', pushkey: 'p', defaultPayload: { kind: 'absent' } } as const;

describe('what is not sent', () => {
  /** One of each reason, and three that may go. */
  async function oneOfEach(): Promise<void> {
    const past = { deadline: Date.now() - 1000 };
    await fail([{}, past, { kind: 'counts', deviceHash: 'newer' }, { deviceHash: 'dead', device: { ...DEVICE, pushkeyTs: Date.now() / 1000 - 7200 } }, { deviceHash: 'twice', eventHash: 'same' }, { deviceHash: 'twice', eventHash: 'same' }]);
    // Registered anew since the same pushkey died.
    await redis().set(`${base()}${DEAD}anew`, Date.now() - 3_600_000);
    await fail([{ deviceHash: 'anew', device: { ...DEVICE, pushkeyTs: Date.now() / 1000 - 60 } }]);
    const [broken = ''] = await fail([{ deviceHash: 'broken' }]);
    await redis().hset(`${base()}${broken}`, 'data', '{"v":99}');
    await redis().set(`${base()}counts:newer`, `${Date.now()}:${randomUUID()}`);
    await redis().set(`${base()}${DEAD}dead`, Date.now() - 3_600_000);
    const [again = ''] = await enqueue(1, 'high', { deviceHash: 'again', eventHash: 'e' });
    await redis().set(`${base()}seen:againe`, again);
    await fail([{ deviceHash: 'again', eventHash: 'e' }]);
  }
  const notSent = { expired: 1, superseded: 1, already_delivered: 2, rejected: 1, parked: 0, unreadable: 1, gone: 0 };

  it('is said before, and is so', async () => {
    await oneOfEach();
    expect(await replays().preview({ filter: {}, includeExpired: false })).toEqual({ matched: 9, wouldSend: 3, notSent, isEstimated: false });
    const sent: string[] = [];
    sendTo(sent);
    engine(replays());
    const replay = await over(replays(), await replays().start(ALL, 'alice'));
    expect(replay).toMatchObject({ matched: 9, done: 9, notSent, ends: { delivered: 3 } });
    expect(new Set(sent).size).toBe(4); // with the one that was accepted again
    expect(await queue().getFailedCount()).toBe(6);
    expect(await difference()).toBe(0);
  });

  it('are those past their deadline, unless they get a new one by their kind, sealed or not', async () => {
    const sealed = createDispatchCodec({ keys: [randomBytes(32)], requireSealed: true });
    const past = { deadline: Date.now() - 1000 };
    const ids = await fail([past, { ...past, kind: 'call' }], sealed);
    expect(await replays({ codec: sealed }).preview({ filter: {}, includeExpired: false })).toMatchObject({ wouldSend: 0, notSent: { expired: 2 } });
    expect(await replays({ codec: sealed }).preview({ filter: {}, includeExpired: true })).toMatchObject({ wouldSend: 2, notSent: { expired: 0 } });
    engine(replays({ codec: sealed }));
    const startedAt = Date.now();
    await replays({ codec: sealed }).start({ ...ALL, includeExpired: true }, 'alice');
    await eventuallyPasses(async () => expect(await queue().getFailedCount()).toBe(0));
    for (const [index, id] of ids.entries()) {
      const { dispatch } = sealed.decode('a', id, JSON.parse((await redis().hget(`${base()}${id}`, 'data')) ?? '') as unknown);
      const maxAge = LIMITS.maxAgeMs[index === 0 ? 'event' : 'call'];
      expect(dispatch?.deadline).toBeGreaterThanOrEqual(startedAt + maxAge - 1000);
      expect(dispatch?.deadline).toBeLessThanOrEqual(Date.now() + maxAge + 1000);
      expect(Number(await redis().zscore(`${base()}open`, id))).toBe(dispatch?.deadline);
    }
    expect(await difference()).toBe(0);
  });

  it('are those of an app that is parked, or that was removed from the configuration', async () => {
    await fail([{}]);
    const gate = createAppGate({ redis: redis(), base: base(), now: Date.now });
    await gate.park('credential');
    expect(await replays().preview({ filter: {}, includeExpired: false })).toMatchObject({ matched: 1, wouldSend: 0, notSent: { parked: 1 } });
    await gate.resume();
    expect(await replays().preview({ filter: {}, includeExpired: false })).toMatchObject({ matched: 1, wouldSend: 1 });
    expect(await replays({ served: [] }).preview({ filter: {}, includeExpired: true })).toMatchObject({ wouldSend: 0, notSent: { parked: 1 } });
    engine(replays({ served: [] }));
    expect(await over(replays(), await replays().start(ALL, 'alice'))).toMatchObject({ done: 1, notSent: { parked: 1 } });
    expect(await queue().getFailedCount()).toBe(1);
  });

  it('are those sealed with a key that is not in the configuration: they would stop the whole app', async () => {
    const sealed = createDispatchCodec({ keys: [randomBytes(32)] });
    await fail([{}, { deadline: Date.now() - 1000 }], sealed);
    expect(await replays().preview({ filter: {}, includeExpired: true })).toMatchObject({ wouldSend: 0, notSent: { unreadable: 2 } });
  });
});

it('a badge of which nobody knows any more whether there was a newer: it is superseded, also where the deadline is renewed', async () => {
  await fail([{ kind: 'counts', deadline: Date.now() - 3_600_000 }, { kind: 'counts' }]);
  expect(await replays().preview({ filter: {}, includeExpired: true })).toMatchObject({ wouldSend: 1, notSent: { superseded: 1, expired: 0 } });
});

it('an event that was accepted again and failed otherwise since was not delivered; one that nobody remembers may have been', async () => {
  const trace = (ends: string) => redis().hset(`${base()}trace:e`, 'd', `other|1|ingress|||${ends}`);
  await fail([{ deviceHash: 'd', eventHash: 'e' }]);
  await redis().set(`${base()}seen:de`, 'other');
  const wouldSend = async () => (await replays().preview({ filter: {}, includeExpired: false })).wouldSend;
  expect(await wouldSend()).toBe(0);
  await trace('["skipped","no-content",1]');
  expect(await wouldSend()).toBe(1);
  await trace('["delivered","Success",1]');
  expect(await wouldSend()).toBe(0);
});

describe('an app that takes nothing now', () => {
  const waits = async (all: ReturnType<typeof replays>, id: string, why: string) =>
    eventually(async () => (await all.read(id))?.waitsFor.some((each) => each.app === 'a' && each.why === why));

  it.each([
    ['paused', async () => createAppGate({ redis: redis(), base: base(), now: Date.now }).pause('x', 'alice')],
    ['outage', async () => createAppGate({ redis: redis(), base: base(), now: Date.now }).interrupt('http')],
    ['held', async () => createAppGate({ redis: redis(), base: base(), now: Date.now }).hold('quota', 60_000)],
    ['draining', () => setDraining({ redis: redis(), prefix: prefix() }, 'a', true)],
  ] as const)('%s: the replay waits until it runs again', async (why, stop) => {
    await fail([{}, {}]);
    await stop();
    engine(replays());
    const id = await replays().start(ALL, 'alice');
    await waits(replays(), id, why);
    expect(await queue().getFailedCount()).toBe(2);
    expect(await replays().read(id)).toMatchObject({ state: 'running', done: 0, waiting: 0 });
    await createAppGate({ redis: redis(), base: base(), now: Date.now }).resume();
    await setDraining({ redis: redis(), prefix: prefix() }, 'a', false);
    sendTo([]);
    expect(await over(replays(), id)).toMatchObject({ ends: { delivered: 2 }, waitsFor: [] });
  });

  it('its queue is full enough: what comes in has room', async () => {
    const all = replays({ limits: { queueLimit: { count: 20 } } });
    await fail(Array.from({ length: 30 }, () => ({})));
    engine(all);
    const id = await all.start({ ...ALL, rate: 50 }, 'alice');
    await waits(all, id, 'queue');
    expect((await queue().getJobCounts('waiting')).waiting).toBeLessThan(15);
    sendTo([]);
    expect(await over(all, id)).toMatchObject({ ends: { delivered: 30 } });
  });
});

it('what is old when it is sent again does not look as if the queue stood still', async () => {
  await fail([{ acceptedAt: Date.now() - 7_200_000, deadline: Date.now() + 600_000 }]);
  engine(replays());
  await replays().start(ALL, 'alice');
  await eventuallyPasses(async () => expect((await queue().getJobCounts('waiting')).waiting).toBe(1));
  expect((await appQueue(Date.now).counts()).oldestWaitingMs).toBeLessThan(600_000);
  expect(await admit({ count: 1000, ageMs: 3_600_000 })).toEqual(['accepted']);
});

it('goes back to its own lane', async () => {
  await fail([{ notification: { userIsTarget: false, priority: 'low', counts: {} } }, {}]);
  engine(replays());
  await replays().start(ALL, 'alice');
  await eventuallyPasses(async () => expect(await queue().getJobCounts('waiting', 'prioritized')).toEqual({ waiting: 1, prioritized: 1 }));
});

it('marks what it sends: a homeserver that sends it again meanwhile makes a duplicate', async () => {
  const [id = ''] = await fail([{ deviceHash: 'd', eventHash: 'e' }]);
  engine(replays());
  await replays().start(ALL, 'alice');
  await eventuallyPasses(async () => expect(await redis().get(`${base()}seen:de`)).toBe(id));
});

describe('an operator', () => {
  it('pauses it, lets it go on, and cancels it: what was not sent stays failed', async () => {
    await fail(Array.from({ length: 60 }, () => ({})));
    const sent: string[] = [];
    sendTo(sent);
    engine(replays());
    const all = replays();
    const id = await all.start({ ...ALL, rate: 20 }, 'alice');
    await eventually(async () => ((await all.read(id))?.ends.delivered ?? 0) > 0);
    expect(await all.pause(id)).toBe(true);
    expect(await all.pause(id)).toBe(false);
    const stable = await eventually(async () => {
      const [before, after] = [await all.read(id), await all.read(id)];
      return before?.waiting === 0 && before.done === after?.done ? after : undefined;
    });
    expect(stable).toMatchObject({ state: 'paused', matched: 60 });
    expect(stable.done).toBeLessThan(60);
    expect(await all.resume(id)).toBe(true);
    await eventually(async () => ((await all.read(id))?.done ?? 0) > stable.done + 4);
    expect(await all.cancel(id)).toBe(true);
    expect([await all.cancel(id), await all.resume(id), await all.pause(id)]).toEqual([false, false, false]);
    const cancelled = await eventually(async () => {
      const replay = await all.read(id);
      return replay?.waiting === 0 ? replay : undefined;
    });
    expect(cancelled.state).toBe('cancelled');
    await eventuallyPasses(async () => expect(await queue().getFailedCount()).toBe(60 - sent.length));
    expect(sent.length).toBeLessThan(60);
    expect(new Set(sent).size).toBe(sent.length);
    expect(await difference()).toBe(0);
  });

  it('asks for a replay that is not known', async () => {
    const id = randomUUID();
    expect(await replays().read(id)).toBeUndefined();
    expect([await replays().pause(id), await replays().resume(id), await replays().cancel(id)]).toEqual([false, false, false]);
  });

  it('of nothing: it is done at once', async () => {
    engine(replays());
    expect(await over(replays(), await replays().start(ALL, 'alice'))).toMatchObject({ matched: 0, done: 0 });
  });
});
