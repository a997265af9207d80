import { deviceOf, MINUTE_MS, useTestStorm, type Reason, type TestDispatcher } from './test-storm';

const HOUR_MS = 60 * MINUTE_MS;
const SLOW = { slow: { floor: 5, share: 0.5, windowMs: 24 * HOUR_MS } };
const WRONG_TOPIC = 'DeviceTokenNotForTopic';

const storm = useTestStorm();

/** One push to another device every `everyMs`, all rejected; resolves with what became of each. */
async function rejectSlowly(dispatcher: TestDispatcher, count: number, everyMs: number, reason: Reason = WRONG_TOPIC): Promise<string[]> {
  const fates: string[] = [];
  for (let index = 0; index < count; index++) {
    fates.push(...(await dispatcher.reject(index, index + 1, reason)));
    storm.pass(everyMs);
    await dispatcher.tick();
  }
  return fates;
}

const baseline = (): Promise<Record<string, string>> => storm.redis().hgetall(`${storm.base()}storm:baseline`);

describe('a mistake in an app of few pushes', () => {
  it.each([
    ['every 16 s', 16_000],
    ['every 7 minutes', 7 * MINUTE_MS],
    ['every 4 hours', 4 * HOUR_MS],
  ])('is a storm with the fifth device, one new device %s', async (_name, everyMs) => {
    const dispatcher = storm.dispatcher(SLOW);
    const fates = await rejectSlowly(dispatcher, 25, everyMs);
    expect(fates).toEqual([...Array<string>(4).fill('remembered'), ...Array<string>(21).fill('held')]);
    expect(dispatcher.events).toMatchObject([
      { kind: 'tripped', storm: { kind: 'suspect', reason: WRONG_TOPIC, share: 1, baseline: 0, held: 5, needsOperator: true } },
    ]);
    expect(await storm.control().readStorm('a')).toMatchObject({ state: 'holding', held: 25, told: 0 });
    expect(await storm.remembered()).toBe(0);
  });

  it('that worked until then is a storm with the fifth device too', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    for (let hour = 0; hour < 12; hour++) {
      dispatcher.deliverTo(0, 25);
      await dispatcher.tick();
      storm.pass(HOUR_MS);
    }
    expect((await rejectSlowly(dispatcher, 25, 16_000)).slice(0, 6)).toEqual([...Array<string>(4).fill('remembered'), 'held', 'held']);
  });

  it('with pushkeys of the sandbox waits for an operator', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    const fates = await rejectSlowly(dispatcher, 25, 16_000, 'BadDeviceToken');
    expect(fates.filter((fate) => fate === 'held')).toHaveLength(21);
    storm.pass(24 * HOUR_MS);
    await dispatcher.tick();
    expect(dispatcher.current).toMatchObject({ kind: 'ordinary', state: 'holding', held: 25, needsOperator: true });
    expect(await storm.remembered()).toBe(0);
  });

  it('is found from the answers of all dispatchers', async () => {
    const dispatchers = Array.from({ length: 5 }, () => storm.dispatcher(SLOW));
    const fates: string[] = [];
    for (const [index, dispatcher] of dispatchers.entries()) {
      fates.push(...(await dispatcher.reject(index, index + 1, WRONG_TOPIC)));
      storm.pass(HOUR_MS);
    }
    expect(fates.at(-1)).toBe('held');
    expect(dispatchers.at(-1)?.told()).toEqual(['tripped']);
  });

  it('teaches nothing: the next one is found as early', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    for (let round = 0; round < 3; round++) {
      await rejectSlowly(dispatcher, 30, 7 * MINUTE_MS);
      expect(await storm.control().discard('a')).toBe(30);
      await dispatcher.tick();
    }
    expect(dispatcher.events.map((event) => event.storm.baseline)).toEqual([0, 0, 0]);
    expect((await baseline()).s ?? '0').toBe('0');
  });

  it('is told of too late only by what a homeserver heard before', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    await rejectSlowly(dispatcher, 4, HOUR_MS);
    await storm.redis().hset(`${storm.base()}rejected:${deviceOf(1)}`, 'told', '1');
    await dispatcher.reject(4, 5, WRONG_TOPIC);
    expect(dispatcher.current).toMatchObject({ held: 5, told: 1 });
  });
});

describe('a healthy app of few pushes', () => {
  it('may have a bad device now and then', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    for (let push = 0; push < 400; push++) {
      // One device in ten is bad, each a new one; the others are 30 that live.
      if (push % 10 === 9) await dispatcher.reject(1000 + push, 1001 + push, push % 20 === 19 ? WRONG_TOPIC : 'BadDeviceToken');
      else dispatcher.deliverTo(push % 30, (push % 30) + 1);
      storm.pass(3 * MINUTE_MS);
      await dispatcher.tick();
    }
    expect(dispatcher.events).toEqual([]);
    expect(await storm.remembered()).toBe(40);
    // What is usual is learnt, as long as it is no sign of a mistake.
    expect(Number((await baseline()).s)).toBeGreaterThan(5);
  });

  it('may have as many bad devices as good ones', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    dispatcher.deliverTo(100, 105);
    await rejectSlowly(dispatcher, 4, HOUR_MS);
    dispatcher.deliverTo(105, 110);
    expect(await dispatcher.reject(4, 5, WRONG_TOPIC)).toEqual(['remembered']);
    expect(await dispatcher.reject(5, 6, WRONG_TOPIC)).toEqual(['remembered']);
    expect(await dispatcher.reject(6, 7, WRONG_TOPIC)).toEqual(['held']);
  });

  it('may have one dead device that a homeserver does not let go', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    for (let push = 0; push < 40; push++) {
      await dispatcher.reject(0, 1, WRONG_TOPIC);
      // Registered anew each time, and dead again.
      await storm.redis().del(`${storm.base()}rejected:${deviceOf(0)}`);
      storm.pass(16_000);
    }
    expect(dispatcher.events).toEqual([]);
  });

  it('may have devices that were uninstalled', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    const fates = await rejectSlowly(dispatcher, 60, 16_000, 'Unregistered');
    expect(new Set(fates)).toEqual(new Set(['remembered']));
  });

  it('may have four bad devices in a day', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    const fates = await rejectSlowly(dispatcher, 25, 6 * HOUR_MS + 1);
    expect(new Set(fates)).toEqual(new Set(['remembered']));
  });

  it('is not looked at slowly where that is turned off', async () => {
    const dispatcher = storm.dispatcher();
    await rejectSlowly(dispatcher, 40, MINUTE_MS);
    expect(dispatcher.events).toEqual([]);
    expect(await storm.redis().keys(`${storm.base()}storm:judged:*`)).toEqual([]);
  });
});

describe('a device', () => {
  it('counts by its latest answer', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    await rejectSlowly(dispatcher, 4, MINUTE_MS);
    await storm.redis().del(`${storm.base()}rejected:${deviceOf(0)}`);
    dispatcher.deliverTo(0, 1); // registered anew, and lives
    expect(await dispatcher.reject(4, 5, WRONG_TOPIC)).toEqual(['remembered']);
    expect(await dispatcher.reject(5, 6, WRONG_TOPIC)).toEqual(['held']);
  });

  it('that an operator forgets counts no more', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    await rejectSlowly(dispatcher, 4, MINUTE_MS);
    await storm.memory().forget('a', deviceOf(0));
    expect(await dispatcher.reject(4, 5, WRONG_TOPIC)).toEqual(['remembered']);
  });
});

describe('the memory', () => {
  it('is bounded in devices, and gone after its time', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    for (let round = 0; round < 20; round++) {
      dispatcher.deliverTo(round * 90, round * 90 + 90);
      await dispatcher.tick();
    }
    expect(await storm.redis().zcard(`${storm.base()}storm:judged:d`)).toBe(500);
    const left = await storm.redis().pttl(`${storm.base()}storm:judged:d`);
    expect(left).toBeGreaterThan(23 * HOUR_MS);
    expect(left).toBeLessThanOrEqual(24 * HOUR_MS);
  });

  it('hears of a hundred devices of one process at a time, the latest, also after Redis refused once', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    dispatcher.deliverTo(0, 300);
    const client = storm.redis();
    await client.config('SET', 'maxmemory', '1');
    await expect(dispatcher.tick()).rejects.toThrow(/OOM/);
    await client.config('SET', 'maxmemory', '0');
    dispatcher.deliverTo(300, 301);
    await dispatcher.tick();
    const judged = await client.zrevrange(`${storm.base()}storm:judged:d`, 0, -1);
    expect(new Set(judged)).toEqual(new Set(Array.from({ length: 100 }, (_, index) => deviceOf(index + 201))));
  });

  it('ends where the oldest of the delivered is: a busy app is not judged by what lies before', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    for (let round = 0; round < 150; round++) {
      await dispatcher.reject(10_000 + round * 4, 10_004 + round * 4, WRONG_TOPIC);
      dispatcher.deliverTo(round * 90, round * 90 + 90);
      storm.pass(10 * MINUTE_MS);
      await dispatcher.tick();
    }
    // 600 bad in 13,500 good, of which 500 are remembered.
    expect(dispatcher.events).toEqual([]);
  });
});

describe('an operator', () => {
  it('who releases is believed for a day, not only at this rate', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    await rejectSlowly(dispatcher, 6, 16_000);
    expect(await storm.control().release('a')).toBe(6);
    await dispatcher.tick();
    await storm.redis().del(`${storm.base()}storm:trusted`);
    const left = await storm.redis().pttl(`${storm.base()}storm:trusted:slow`);
    expect(left).toBeGreaterThan(23 * HOUR_MS);
    expect(new Set(await dispatcher.reject(100, 115, WRONG_TOPIC))).toEqual(new Set(['remembered']));
    // Those in numbers are a storm all the same.
    expect((await dispatcher.reject(200, 210, WRONG_TOPIC)).at(-1)).toBe('held');
  });

  it('who discards is not held by the verdicts of before', async () => {
    const dispatcher = storm.dispatcher(SLOW);
    await rejectSlowly(dispatcher, 6, 16_000);
    expect(await storm.control().discard('a')).toBe(6);
    expect(await storm.redis().keys(`${storm.base()}*`)).toEqual([]);
    await dispatcher.tick();
    expect(await dispatcher.reject(100, 104, WRONG_TOPIC)).toEqual(Array<string>(4).fill('remembered'));
  });
});

it('a storm of many is the same with the slow look, and takes back what that remembered', async () => {
  const dispatcher = storm.dispatcher(SLOW);
  for (let round = 0; round < 4; round++) {
    dispatcher.deliverTo(1000, 1100);
    await dispatcher.reject(round, round + 1, WRONG_TOPIC);
    storm.pass(10 * MINUTE_MS);
    await dispatcher.tick();
  }
  dispatcher.deliverTo(1000, 1050);
  await dispatcher.reject(100, 140, WRONG_TOPIC);
  expect(dispatcher.told()).toEqual(['tripped']);
  expect(await storm.remembered()).toBe(0);
});
