import { eventually, eventuallyPasses } from '@reveille/testing';
import type { JobVerdict } from '../job-verdict';
import { DEAD, DEAD_LETTER, DELIVERED, DEVICE, EVENT, INGRESS, onlyOf, RETRY, useTestExplain } from './test-explain';

const { accept, work, sweep, explain, ended, redis, base, queue, appQueue } = useTestExplain();

describe('how a push ended', () => {
  it('delivered: when it was accepted, by whom, when it was delivered, and what the provider said', async () => {
    const at = Date.now() - 5000;
    expect(await accept([{ id: 'one' }], { at })).toEqual(['accepted']);
    work(() => DELIVERED);
    const explanation = await ended();
    const { endedAt, ...dispatch } = onlyOf(explanation);
    expect(endedAt).toBeGreaterThanOrEqual(at + 5000);
    expect(dispatch).toEqual({
      ...{ id: 'one', acceptedAt: at, ingress: INGRESS, state: 'ended', outcome: 'delivered', reason: 'Success', attempts: 1, before: null },
      history: [{ at: endedAt, reason: 'Success', status: 200, provider_reason: 'Success' }],
    });
    expect(explanation).toMatchObject({ appKey: 'a', eventHash: EVENT, deviceHash: null, devices: [{ deviceHash: DEVICE, duplicates: null, toldRejectedAt: null }], truncated: false });
    const time = new Date(at).toISOString().slice(0, 19).replace('T', ' ');
    expect(explanation.verdict).toMatch(new RegExp(`^accepted ${time} UTC by ${INGRESS}, delivered [\\d.]+ s later \\(200 Success\\) at the first attempt$`));
  });

  it('delivered at the third attempt', async () => {
    await accept([{}]);
    work(({ attemptsMade }) => (attemptsMade < 2 ? RETRY : DELIVERED));
    const explanation = await ended();
    expect(onlyOf(explanation)).toMatchObject({ outcome: 'delivered', attempts: 3 });
    expect(explanation.verdict).toMatch(/\(200 Success\) at the 3rd attempt$/);
  });

  it('dead: with the history of its attempts', async () => {
    await accept([{}]);
    work(({ attemptsMade }) => (attemptsMade < 1 ? RETRY : DEAD_LETTER));
    const explanation = await ended();
    expect(onlyOf(explanation)).toMatchObject({
      ...{ state: 'ended', outcome: 'dead', reason: 'refused', attempts: 2, ingress: INGRESS },
      history: [{ reason: 'http', status: 503 }, { reason: 'refused', status: 413, provider_reason: 'PayloadTooLarge' }],
    });
    expect(explanation.verdict).toMatch(/, failed for good \(refused\) .* later \(413 PayloadTooLarge\) at the 2nd attempt$/);
  });

  it('dead, and pushed out of the failed set since', async () => {
    await accept([{}]);
    work(({ dispatch }) => (dispatch?.eventHash === EVENT ? DEAD_LETTER : { kind: 'dead', letter: { outcome: 'dead', reason: 'http' } }), { deadLetters: 1 });
    await ended();
    await accept([{ eventHash: 'event-2' }]);
    await eventuallyPasses(async () => expect(await redis().zcard(`${base()}failed`)).toBe(1));
    expect(onlyOf(await ended())).toMatchObject({ outcome: 'dead', reason: 'refused', attempts: 1, history: [{ status: 413, provider_reason: 'PayloadTooLarge' }] });
  });

  it.each([
    ['rejected', { kind: 'done', end: 'rejected', reason: 'Unregistered', answer: { status: 410, reason: 'Unregistered' } }, 'rejected .* \\(410 Unregistered\\) at the first attempt: the pushkey is dead'],
    ['skipped', { kind: 'done', end: 'skipped', reason: 'no-content' }, 'not sent: no-content'],
  ] as const)('%s', async (outcome, verdict, said) => {
    await accept([{}]);
    work(() => verdict);
    const explanation = await ended();
    expect(onlyOf(explanation)).toMatchObject({ state: 'ended', outcome, reason: verdict.reason, attempts: 1 });
    expect(explanation.verdict).toMatch(new RegExp(`, ${said}$`));
  });

  it('expired with its worker, and what the provider had said last', async () => {
    await accept([{}]);
    work(({ attemptsMade }) => (attemptsMade < 1 ? RETRY : { kind: 'dead', letter: { outcome: 'expired', reason: 'deadline' } }));
    const explanation = await ended();
    expect(onlyOf(explanation)).toMatchObject({ outcome: 'expired', reason: 'deadline', attempts: 2 });
    expect(explanation.verdict).toMatch(/, expired .* later after 2 attempts \(503 ServiceUnavailable\)$/);
  });

  it('expired while its app was parked: no worker saw it', async () => {
    const at = Date.now();
    await appQueue(Date.now).gate.park('InvalidProviderToken');
    await accept([{}], { at });
    await sweep(at + 62_000);
    expect(onlyOf(await explain())).toMatchObject({ state: 'ended', outcome: 'expired', reason: 'deadline', endedAt: at + 62_000, attempts: 0, history: [] });
    expect((await explain()).verdict).toMatch(/, expired 1 min later after no attempt$/);
    // The failed set has forgotten it.
    await redis().zrem(`${base()}failed`, onlyOf(await explain()).id);
    await redis().del(`${base()}${onlyOf(await explain()).id}`);
    expect(onlyOf(await explain())).toMatchObject({ outcome: 'expired', reason: 'deadline', endedAt: at + 62_000 });
  });

  it('its job vanished: nobody knows how it ended', async () => {
    await accept([{ id: 'lost' }]);
    await redis().del(`${base()}lost`);
    expect(onlyOf(await explain())).toMatchObject({ state: 'ended', outcome: null, reason: null, endedAt: null });
    expect((await explain()).verdict).toMatch(/, ended, and it is not remembered how$/);
  });
});

describe('a push that has not ended', () => {
  it('waits', async () => {
    await accept([{}]);
    expect(onlyOf(await explain())).toMatchObject({ state: 'waiting', outcome: null, endedAt: null, attempts: 0, history: [] });
    expect((await explain()).verdict).toMatch(/, waits for its turn$/);
  });

  it('waits in the lane of the many', async () => {
    await accept([{ notification: { userIsTarget: false, priority: 'low', counts: {} } }]);
    expect(onlyOf(await explain())).toMatchObject({ state: 'waiting' });
  });

  it('waits for another attempt', async () => {
    await accept([{}]);
    work(() => ({ ...RETRY, delayMs: 600_000 }));
    const explanation = await eventually(async () => {
      const found = await explain();
      return onlyOf(found).state === 'delayed' && found;
    });
    expect(onlyOf(explanation)).toMatchObject({ outcome: null, attempts: 1, history: [{ reason: 'http', status: 503 }] });
    expect(explanation.verdict).toMatch(/, waits for another attempt, after 1 attempt, the last: 503 ServiceUnavailable$/);
  });

  it.each(['high', 'low'] as const)('is being sent (%s)', async (priority) => {
    await accept([{ notification: { userIsTarget: false, priority, counts: {} } }]);
    let answer: (verdict: JobVerdict) => void = () => undefined;
    work(() => new Promise<JobVerdict>((resolve) => (answer = resolve)));
    await eventuallyPasses(async () => expect(onlyOf(await explain())).toMatchObject({ state: 'active', outcome: null }));
    expect((await explain()).verdict).toMatch(/, is being sent now$/);
    answer(DELIVERED);
    expect(onlyOf(await ended())).toMatchObject({ outcome: 'delivered' });
  });

  it.each(['high', 'low'] as const)('is parked with its app (%s)', async (priority) => {
    await appQueue(Date.now).gate.park('InvalidProviderToken');
    await accept([{ notification: { userIsTarget: false, priority, counts: {} } }]);
    expect(onlyOf(await explain())).toMatchObject({ state: 'parked', outcome: null });
    expect((await explain()).verdict).toMatch(/, waits because its app does not run$/);
  });

  it('was put back by a worker: known as what it is', async () => {
    await accept([{}]);
    let turns = 0;
    work(async () => {
      turns += 1;
      // Nobody takes it again: it waits in a queue that does not run.
      await queue().pause();
      return { kind: 'put-back' };
    });
    await eventuallyPasses(async () => expect({ turns, ...onlyOf(await explain()) }).toMatchObject({ turns: 1, state: 'parked', outcome: null }));
  });
});

describe('what else happened', () => {
  it('duplicates are counted, with the time of the last', async () => {
    const at = Date.now();
    await accept([{}], { at });
    for (const later of [1000, 2000]) expect(await accept([{}], { at: at + later })).toEqual(['duplicate']);
    const explanation = await explain();
    expect(explanation.devices).toMatchObject([{ dispatches: [{}], duplicates: { count: 2, lastAt: at + 2000 } }]);
    expect(explanation.verdict).toMatch(/; its homeserver sent it 2 times more, which was absorbed$/);
  });

  it('accepted once more after the window against duplicates', async () => {
    const at = Date.now();
    await accept([{ id: 'first' }], { at });
    await redis().del(...(await redis().keys(`${base()}seen:*`)));
    expect(await accept([{ id: 'second' }], { at: at + 1000 })).toEqual(['accepted']);
    const explanation = await explain();
    expect(explanation.devices).toMatchObject([{ dispatches: [{ id: 'first', acceptedAt: at }, { id: 'second', acceptedAt: at + 1000 }], duplicates: null }]);
    expect(explanation.verdict).toMatch(/; it was accepted 2 times, this is the last$/);
  });

  it('of an event that is accepted again and again only the newest eight', async () => {
    const at = Date.now();
    for (let time = 0; time < 12; time += 1) {
      await accept([{ id: `push-${time}` }], { at: at + time });
      await redis().del(...(await redis().keys(`${base()}seen:*`)));
    }
    const [device] = (await explain()).devices;
    expect(device?.dispatches.map(({ id }) => id)).toEqual(Array.from({ length: 8 }, (_, index) => `push-${index + 4}`));
  });

  it('not accepted because the pushkey is known to be dead: when its homeserver was told last', async () => {
    const at = Date.now();
    await redis().set(`${base()}${DEAD}${DEVICE}`, '1');
    expect(await accept([{}], { at })).toEqual(['known-rejection']);
    expect(await accept([{}], { at: at + 3000 })).toEqual(['known-rejection']);
    const explanation = await explain();
    expect(explanation.devices).toEqual([{ deviceHash: DEVICE, dispatches: [], duplicates: null, toldRejectedAt: at + 3000 }]);
    expect(explanation.verdict).toMatch(/^not accepted: the pushkey is known to be dead, which its homeserver was told at .* UTC$/);
    expect(await redis().llen(`${base()}trace-order`)).toBe(1);
  });

  it('accepted first, and told later', async () => {
    const at = Date.now();
    await accept([{}], { at });
    await redis().set(`${base()}${DEAD}${DEVICE}`, '1');
    await accept([{}], { at: at + 1000 });
    const explanation = await explain();
    expect(explanation.devices).toMatchObject([{ dispatches: [{ state: 'waiting' }], duplicates: null, toldRejectedAt: at + 1000 }]);
    expect(explanation.verdict).toMatch(/waits for its turn; at .* UTC its homeserver was told that the pushkey is dead$/);
  });

  it('sent again by a replay: both ends', async () => {
    await accept([{ id: 'one' }]);
    const failing = work(() => DEAD_LETTER);
    await ended();
    await failing.close(1000);
    // As a replay does it.
    const job = await queue().getJob('one');
    await job?.retry('failed');
    expect(onlyOf(await explain())).toMatchObject({ state: 'waiting', outcome: null, before: { outcome: 'dead', reason: 'refused' } });
    expect((await explain()).verdict).toMatch(/, failed for good \(refused\) at .* UTC, sent again by a replay, waits for its turn/);
    work(() => DELIVERED);
    expect(onlyOf(await ended())).toMatchObject({ outcome: 'delivered', before: { outcome: 'dead', reason: 'refused' } });
  });

  it('updates of the counts have no event that anybody could ask for', async () => {
    expect(await accept([{ kind: 'counts' }], { withoutEvent: true })).toEqual(['accepted']);
    expect(await redis().llen(`${base()}wait`)).toBe(1);
    expect(await redis().keys(`${base()}trace*`)).toEqual([]);
  });
});
