import { deviceOf, MINUTE_MS, useTestStorm, type Reason, type TestDispatcher } from './test-storm';

const storm = useTestStorm();

/** Lets `count` probes pass, one a second, from device `from` on; `answer` is the provider's. */
async function probe(dispatcher: TestDispatcher, answer: 'taken' | Reason, [from, count]: readonly [number, number]): Promise<void> {
  for (let index = from; index < from + count; index++) {
    storm.pass(1000);
    const wait = await dispatcher.waitInStorm(deviceOf(index));
    expect(wait).toBeUndefined();
    if (answer === 'taken') dispatcher.delivered(deviceOf(index));
    else await dispatcher.reject(index, index + 1, answer);
  }
}

const suspectStorm = async (size = 100): Promise<TestDispatcher> => {
  const dispatcher = storm.dispatcher();
  await dispatcher.reject(0, size, 'DeviceTokenNotForTopic');
  return dispatcher;
};

/** A wave of truly dead devices in an app whose other devices live. */
const trueStorm = async (size = 150, factor: Parameters<typeof storm.dispatcher>[0] = {}): Promise<TestDispatcher> => {
  const dispatcher = storm.dispatcher(factor);
  await dispatcher.reject(0, size);
  dispatcher.deliver(500);
  await dispatcher.tick();
  return dispatcher;
};

describe('a storm whose pushkeys the provider takes again', () => {
  it('is discarded after ten of them, and nobody is told', async () => {
    const dispatcher = await suspectStorm();
    await probe(dispatcher, 'taken', [0, 9]);
    await dispatcher.tick();
    expect(dispatcher.current).toMatchObject({ held: 91, probed: 9, acceptedAgain: 9 });
    await probe(dispatcher, 'taken', [9, 1]);
    await dispatcher.tick();
    expect(dispatcher.told()).toEqual(['tripped', 'accepted-again']);
    expect(dispatcher.current).toBeUndefined();
    expect(await storm.remembered()).toBe(0);
    expect(await storm.redis().keys(`${storm.base()}*`)).toEqual([]);
  });

  it('is discarded however often they were rejected before', async () => {
    const dispatcher = await suspectStorm();
    await probe(dispatcher, 'DeviceTokenNotForTopic', [0, 40]);
    await probe(dispatcher, 'taken', [50, 9]);
    await dispatcher.tick();
    expect(dispatcher.current).toMatchObject({ probed: 49, acceptedAgain: 9 });
    await probe(dispatcher, 'taken', [60, 1]);
    await dispatcher.tick();
    expect(dispatcher.told()).toEqual(['tripped', 'accepted-again']);
  });

  it('is not discarded when they are the fewer', async () => {
    const dispatcher = await suspectStorm();
    await probe(dispatcher, 'taken', [0, 8]);
    await dispatcher.tick();
    await probe(dispatcher, 'DeviceTokenNotForTopic', [10, 15]);
    await probe(dispatcher, 'taken', [40, 2]);
    await dispatcher.tick();
    expect(dispatcher.current).toMatchObject({ acceptedAgain: 10, probed: 25 });
  });

  it('begins anew if it comes back', async () => {
    const dispatcher = await suspectStorm();
    await probe(dispatcher, 'taken', [0, 10]);
    await dispatcher.tick();
    const fates = await dispatcher.reject(0, 30, 'DeviceTokenNotForTopic');
    expect(fates.slice(19)).toEqual(Array.from({ length: 11 }, () => 'held'));
    expect(await storm.remembered()).toBe(0);
  });
});

describe('a storm whose settings change', () => {
  it('is discarded once the old ones are nowhere in use', async () => {
    const [old, next] = [await suspectStorm(), storm.dispatcher()];
    next.configure('repaired');
    for (let second = 0; second < 15; second++) {
      storm.pass(1000);
      await old.tick();
      await next.tick();
    }
    expect(next.current).toMatchObject({ held: 100 });
    for (let second = 0; second < 10; second++) {
      storm.pass(1000);
      await next.tick();
    }
    expect(next.told()).toEqual(['settings-changed']);
    expect(await storm.remembered()).toBe(0);
  });

  it('stays while a dispatcher starts again with the same', async () => {
    await suspectStorm();
    storm.pass(MINUTE_MS);
    const next = storm.dispatcher();
    await next.tick();
    expect(next.current).toMatchObject({ held: 100 });
  });

  it('stays where one of several dispatchers was right all the time', async () => {
    const [wrong, right] = [storm.dispatcher(), storm.dispatcher()];
    wrong.configure('wrong');
    await right.tick();
    await wrong.reject(0, 30, 'DeviceTokenNotForTopic');
    for (let second = 0; second < 30; second++) {
      storm.pass(1000);
      await right.tick();
      await wrong.tick();
    }
    expect(right.current).toMatchObject({ held: 30 });
  });
});

describe('a storm of true rejections', () => {
  it('is told little by little after its time, when the provider stands by them', async () => {
    const dispatcher = await trueStorm();
    await probe(dispatcher, 'Unregistered', [0, 12]);
    storm.pass(29 * MINUTE_MS);
    await dispatcher.tick();
    expect(dispatcher.told()).toEqual(['tripped']);
    storm.pass(MINUTE_MS);
    await dispatcher.tick();
    expect(dispatcher.told()).toEqual(['tripped', 'releasing']);
    expect(await storm.remembered()).toBe(0);
    storm.pass(MINUTE_MS);
    await dispatcher.tick();
    expect(await storm.remembered()).toBe(60);
    // Its push comes back, is rejected again and ends.
    await dispatcher.reject(0, 150);
    expect(await storm.remembered()).toBe(60);
    storm.pass(2 * MINUTE_MS);
    await dispatcher.tick();
    expect(dispatcher.told()).toEqual(['tripped', 'releasing', 'released']);
    expect(await storm.remembered()).toBe(150);
    expect(await storm.memory().recall('a', deviceOf(7))).toMatchObject({ reason: 'Unregistered' });
    expect(dispatcher.current).toBeUndefined();
  });

  it.each([
    ['nobody was asked again', {}, 0, 500],
    ['nearly the whole app is rejected, as with sandbox tokens', {}, 12, 10],
  ])('waits for an operator when %s', async (_name, settings, probes, delivered) => {
    const dispatcher = storm.dispatcher(settings);
    await dispatcher.reject(0, 150, 'BadDeviceToken');
    dispatcher.deliver(delivered);
    await dispatcher.tick();
    await probe(dispatcher, 'BadDeviceToken', [0, probes]);
    storm.pass(24 * 60 * MINUTE_MS);
    await dispatcher.tick();
    expect(dispatcher.current).toMatchObject({ state: 'holding', held: 150, needsOperator: delivered < 100 });
    expect(await storm.remembered()).toBe(0);
  });

  it('of suspect reasons waits for an operator', async () => {
    const dispatcher = await suspectStorm(30);
    dispatcher.deliver(1000);
    await probe(dispatcher, 'DeviceTokenNotForTopic', [0, 12]);
    storm.pass(24 * 60 * MINUTE_MS);
    await dispatcher.tick();
    expect(dispatcher.current).toMatchObject({ state: 'holding', held: 30, needsOperator: true });
  });

  it('is still discarded while it is told, when the pushkeys are taken again', async () => {
    const dispatcher = await trueStorm();
    await probe(dispatcher, 'Unregistered', [0, 12]);
    storm.pass(30 * MINUTE_MS);
    await dispatcher.tick();
    await probe(dispatcher, 'taken', [20, 11]);
    await dispatcher.tick();
    expect(dispatcher.told()).toEqual(['tripped', 'releasing', 'accepted-again']);
    expect(await storm.remembered()).toBe(0);
  });
});

describe('an operator', () => {
  it('releases: all are told, and the app is believed for a while', async () => {
    const dispatcher = await suspectStorm(700);
    expect(await storm.control().release('a')).toBe(700);
    expect(await storm.remembered()).toBe(700);
    await dispatcher.tick();
    expect(dispatcher.current).toBeUndefined();
    await dispatcher.reject(1000, 1100, 'DeviceTokenNotForTopic');
    expect(await storm.remembered()).toBe(800);
    storm.pass(1); // the mark of trust lives by the clock of Redis
    await storm.redis().del(`${storm.base()}storm:trusted`);
    expect((await dispatcher.reject(2000, 2001, 'DeviceTokenNotForTopic'))[0]).toBe('held');
  });

  it('whose release was cut short is obeyed by the dispatchers', async () => {
    const dispatcher = await suspectStorm(50);
    await storm.redis().hset(`${storm.base()}storm`, 'released', '1');
    expect(await dispatcher.reject(60, 61, 'DeviceTokenNotForTopic')).toEqual(['remembered']);
    await dispatcher.tick();
    expect(dispatcher.told()).toEqual(['tripped', 'released']);
    expect(await storm.remembered()).toBe(51);
  });

  it('discards: nobody is told', async () => {
    const dispatcher = await suspectStorm();
    expect(await storm.control().discard('a')).toBe(100);
    await dispatcher.tick();
    expect(dispatcher.current).toBeUndefined();
    expect(await storm.remembered()).toBe(0);
  });

  it('who comes when there is none changes nothing', async () => {
    expect(await storm.control().readStorm('a')).toBeUndefined();
    expect(await storm.control().release('a')).toBe(0);
    expect(await storm.control().discard('a')).toBe(0);
    expect(await storm.redis().keys(`${storm.base()}*`)).toEqual([]);
  });

  it('forgets one pushkey of it', async () => {
    const dispatcher = await suspectStorm(20);
    for (let index = 0; index < 20; index++) expect(await storm.memory().forget('a', deviceOf(index))).toBe(true);
    await dispatcher.tick();
    expect(dispatcher.told()).toEqual(['tripped', 'nothing-held']);
  });
});
