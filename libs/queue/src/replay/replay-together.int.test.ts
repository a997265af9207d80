import { eventually, eventuallyPasses } from '@reveille/testing';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { ALL, over, useTestReplays } from './test-replay';

const { queue, redis, prefix, replays, fail, engine, sendTo, connection, difference } = useTestReplays();
const RUNS = 6;

it('two people who press the button, and two processes that work: each push goes once', async () => {
  const ids = await fail(Array.from({ length: 300 }, () => ({})));
  const sent: string[] = [];
  sendTo(sent);
  const [one, other] = [replays(), replays({ redis: connection() })];
  engine(one);
  engine(other);
  const started = await Promise.all([one.start(ALL, 'alice'), other.start(ALL, 'bob'), one.start({ ...ALL, filter: { ids } }, 'carol')]);
  const all = await Promise.all(started.map((id) => over(one, id)));
  expect(sent.toSorted()).toEqual(ids.toSorted());
  expect(all.map(({ matched, done }) => ({ matched, done }))).toEqual(all.map(() => ({ matched: 300, done: 300 })));
  expect(all.reduce((sum, { ends }) => sum + ends.delivered, 0)).toBe(300);
  expect(all.reduce((sum, { notSent }) => sum + notSent.gone, 0)).toBe(600);
  expect(await difference()).toBe(0);
});

it('a process that dies half-way: another one goes on, and nothing goes twice', async () => {
  const ids = await fail(Array.from({ length: 200 }, () => ({})));
  const sent: string[] = [];
  sendTo(sent);
  const dying = connection();
  const first = replays({ redis: dying });
  const errors: unknown[] = [];
  const end = new AbortController();
  const dead = first.work({ signal: end.signal, onError: (error) => errors.push(error) });
  const id = await replays().start({ ...ALL, rate: 100 }, 'alice');
  await eventually(() => sent.length > 20);
  // As by a kill: whatever it is at is left, and the lease is not given back.
  dying.disconnect();
  end.abort();
  await dead;
  expect(sent.length).toBeLessThan(200);
  const lease = `${prefix()}:replays:lease:${id}`;
  expect(await redis().exists(lease)).toBe(1);
  expect(await redis().pttl(lease)).toBeLessThanOrEqual(10_000);
  await redis().del(lease); // instead of the wait of ten seconds
  engine(replays());
  expect(await over(replays(), id)).toMatchObject({ matched: 200, done: 200, ends: { delivered: 200 } });
  expect(sent.toSorted()).toEqual(ids.toSorted());
  expect(await difference()).toBe(0);
});

it('the ledger closes whatever is replayed, and however it ends', async () => {
  const ends = ['delivered', 'rejected', 'dead', 'skipped'] as const;
  const plan = new Map<string, (typeof ends)[number]>();
  const sent: string[] = [];
  sendTo(sent, ({ id }) => {
    const end = plan.get(id) ?? 'delivered';
    return end === 'dead' ? { kind: 'dead', letter: { outcome: 'dead', reason: 'http' } } : { kind: 'done', end };
  });
  engine(replays());
  const pushes = fc.array(fc.record({ end: fc.constantFrom(...ends), isPast: fc.boolean(), kind: fc.constantFrom('event', 'call') }), { minLength: 1, maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pushes, fc.boolean(), async (planned, includeExpired) => {
      const failed = planned.map(({ isPast, kind }) => ({
        ...{ kind, deviceHash: randomUUID(), eventHash: randomUUID() },
        deadline: Date.now() + (isPast ? -1000 : 600_000),
      }));
      const ids = await fail(failed);
      for (const [index, id] of ids.entries()) plan.set(id, planned[index]?.end ?? 'delivered');
      sent.length = 0;
      const replay = await over(replays(), await replays().start({ ...ALL, includeExpired, filter: { ids } }, 'alice'));
      const going = planned.filter(({ isPast }) => includeExpired || !isPast);
      expect(sent).toHaveLength(going.length);
      expect(new Set(sent).size).toBe(going.length);
      expect(replay).toMatchObject({ matched: planned.length, done: planned.length, notSent: { expired: planned.length - going.length } });
      for (const end of ends) expect(replay.ends[end]).toBe(going.filter((each) => each.end === end).length);
      expect(await difference()).toBe(0);
    }),
    { numRuns: RUNS },
  );
});

it('looks at a part of very many before it is sure to be asked: in proportion, evenly over the time', async () => {
  // The older half is past its deadline.
  const now = Date.now();
  for (const [deadline, failedAt] of [
    [now - 1000, now - 7_200_000],
    [now + 600_000, now - 3_600_000],
  ] as const) {
    for (let at = 0; at < 3; at++) {
      const pushes = Array.from({ length: 1000 }, () => ({ deadline, deviceHash: randomUUID() }));
      await fail(pushes, undefined, { failedAt: failedAt + at * 1_000_000 });
    }
  }
  const preview = await replays().preview({ filter: {}, includeExpired: false });
  expect(preview).toMatchObject({ matched: 6000, isEstimated: true });
  expect(preview.wouldSend + preview.notSent.expired).toBe(6000);
  expect(preview.wouldSend).toBeGreaterThan(2000);
  expect(preview.wouldSend).toBeLessThan(4000);
  expect(await queue().getFailedCount()).toBe(6000);
  await eventuallyPasses(async () => expect(await replays().list()).toEqual([]));
});

it('leaves out a replay of which the record is damaged, and shows the others', async () => {
  await fail([{}]);
  const [kept, damaged] = [await replays().start(ALL, 'alice'), await replays().start(ALL, 'bob')];
  for (const filter of ['{', '7', '{"since":"x"}']) {
    await redis().hset(`${prefix()}:replays:${damaged}`, { filter });
    expect((await replays().list()).map(({ id }) => id)).toEqual([kept]);
    expect(await replays().read(damaged)).toBeUndefined();
  }
});
