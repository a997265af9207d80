import { eventuallyPasses } from '@reveille/testing';
import { randomBytes, randomUUID } from 'node:crypto';
import { createDispatchCodec } from '../dispatch-codec';
import { putFailed } from '../failed/put-failed';
import { dispatch as testDispatch } from '../failed/test-failed';
import { MAX_DEVICES } from './create-explain';
import { DAY_MS, DEAD_LETTER, DELIVERED, DEVICE, EVENT, INGRESS, onlyOf, RETRY, useTestExplain } from './test-explain';

const { accept, work, sweep, explain, ended, redis, base, prefix } = useTestExplain();

describe('what is not known', () => {
  it('never arrived', async () => {
    const at = 1_800_000_000_000;
    expect(await explain({}, { at })).toEqual({
      ...{ appKey: 'a', eventHash: EVENT, deviceHash: null, devices: [], keptSince: at - DAY_MS, truncated: false },
      verdict: expect.stringMatching(/^never arrived, or was turned away .* or was accepted before 2027-01-14 08:00:00 UTC/) as string,
    });
  });

  it('arrived for another device', async () => {
    await accept([{ deviceHash: 'other' }]);
    const explanation = await explain({ deviceHash: DEVICE });
    expect(explanation).toMatchObject({ deviceHash: DEVICE, devices: [] });
    expect(explanation.verdict).toMatch(/^the event arrived for other devices; for this one it never did: .*, or before .* UTC, which is not remembered$/);
  });

  it('turned away by a full queue: nothing is remembered', async () => {
    await accept([{ deviceHash: 'first' }]);
    expect(await accept([{}], { queueLimit: 1 })).toEqual(['queue-full']);
    expect((await explain({ deviceHash: DEVICE })).devices).toEqual([]);
    expect(await redis().llen(`${base()}trace-order`)).toBe(1);
  });

  it('is older than is kept, and has ended', async () => {
    await accept([{}]);
    work(() => DELIVERED);
    await ended();
    expect((await explain({}, { at: Date.now() + DAY_MS })).devices).toEqual([]);
  });

  it('is older than is kept, and still waits', async () => {
    await accept([{}]);
    expect(onlyOf(await explain({}, { at: Date.now() + 2 * DAY_MS }))).toMatchObject({ state: 'waiting' });
  });

  it('explain is off: nothing is written, and that is said; what failed is known all the same', async () => {
    await accept([{ id: 'one' }], { enabled: false });
    expect(await redis().keys(`${base()}trace*`)).toEqual([]);
    expect(await explain({}, { enabled: false })).toMatchObject({ devices: [], keptSince: null, verdict: expect.stringContaining('since explain is off') as string });
    work(() => DEAD_LETTER, { enabled: false });
    await eventuallyPasses(async () =>
      expect(onlyOf(await explain({}, { enabled: false }))).toMatchObject({ id: 'one', ingress: null, outcome: 'dead', reason: 'refused', attempts: 1 }),
    );
    expect(await redis().keys(`${base()}trace*`)).toEqual([]);
  });

  it('what the trace has lost, the failed set knows', async () => {
    await accept([{ id: 'one' }]);
    work(() => DEAD_LETTER);
    await ended();
    await redis().del(...(await redis().keys(`${base()}trace*`)));
    expect((await explain({ deviceHash: DEVICE })).devices).toMatchObject([{ deviceHash: DEVICE, dispatches: [{ id: 'one', ingress: null, outcome: 'dead' }] }]);
    expect((await explain({ deviceHash: 'other' })).devices).toEqual([]);
  });

  it('was forgotten for lack of room: since when it remembers is said', async () => {
    const at = Date.now();
    for (const number of [1, 2, 3]) await accept([{ eventHash: `event-${number}` }], { at: at + number, maxPushes: 2 });
    expect(await explain({}, { maxPushes: 2 })).toMatchObject({ keptSince: at + 2 });
    expect((await explain({ eventHash: 'event-2' }, { maxPushes: 2 })).devices).toHaveLength(1);
  });
});

describe('sealed jobs', () => {
  const codec = createDispatchCodec({ keys: [randomBytes(32)] });

  it('are explained as others are; nothing of the event is written', async () => {
    const secret = 'secret-pushkey';
    await accept([{ device: { appId: 'a', pushkey: secret, defaultPayload: { kind: 'absent' } } }], { codec });
    work(({ attemptsMade }) => (attemptsMade < 1 ? RETRY : DEAD_LETTER), { codec });
    expect(onlyOf(await ended())).toMatchObject({ outcome: 'dead', attempts: 2, ingress: INGRESS });
    const [key = ''] = await redis().keys(`${base()}trace:*`);
    expect(JSON.stringify(await redis().hgetall(key))).not.toContain(secret);
  });

  it('that expire without a worker, or that this dispatcher cannot read', async () => {
    const at = Date.now();
    await accept([{}], { codec, at });
    await sweep(at + 62_000);
    expect(onlyOf(await explain())).toMatchObject({ outcome: 'expired', endedAt: at + 62_000 });
    await accept([{ eventHash: 'event-2' }], { codec });
    work(({ dispatch }) => (dispatch ? DELIVERED : { kind: 'dead', letter: { outcome: 'dead', reason: 'sealing-key-unknown' } }));
    await eventuallyPasses(async () => expect(onlyOf(await explain({ eventHash: 'event-2' }))).toMatchObject({ outcome: 'dead', reason: 'sealing-key-unknown' }));
  });
});

describe('an event of a large room', () => {
  it('shows as many devices as it may, and says so', async () => {
    const dispatches = Array.from({ length: MAX_DEVICES + 100 }, (_, index) => ({ deviceHash: `device-${index}` }));
    await accept(dispatches);
    const explanation = await explain();
    expect({ shown: explanation.devices.length, truncated: explanation.truncated }).toEqual({ shown: MAX_DEVICES, truncated: true });
    expect(explanation.verdict).toBe(`more than ${MAX_DEVICES} devices: ${MAX_DEVICES} waiting (waiting)`);
    expect(await explain({ deviceHash: 'device-599' })).toMatchObject({ devices: [{ deviceHash: 'device-599' }], truncated: false });
  });

  it('of which only the failed set knows', async () => {
    const at = Date.now();
    const pushes = Array.from({ length: MAX_DEVICES + 1 }, (_, index) => ({
      dispatch: testDispatch({ eventHash: EVENT, deviceHash: `device-${index}`, acceptedAt: at }),
      letter: { outcome: 'dead', reason: 'http' } as const,
      failedAt: at,
    }));
    await putFailed({ redis: redis(), prefix: prefix(), appKey: 'a' }, pushes);
    const { devices, truncated } = await explain();
    expect({ shown: devices.length, truncated }).toEqual({ shown: MAX_DEVICES, truncated: true });
  });
});

it('a name of an ingress that would end its place in a record does not', async () => {
  await accept([{}], { ingress: 'evil|0\n|host' });
  expect(onlyOf(await explain())).toMatchObject({ ingress: 'evil_0__host', state: 'waiting' });
});

it('what is not ours in the place of a record is left out', async () => {
  await redis().hset(`${base()}trace:${EVENT}`, DEVICE, `nonsense\n${randomUUID()}|x|y\n|||||`);
  expect((await explain()).devices).toEqual([]);
});
