import { Redis } from 'ioredis';
import { startTestRedis } from '@reveille/testing';
import { createStormBreaker } from './storm-breaker';
import { deviceOf, MINUTE_MS, TEST_SETTINGS, useTestStorm } from './test-storm';

const storm = useTestStorm();

describe('few or usual rejections', () => {
  it('are believed and told at once', async () => {
    const dispatcher = storm.dispatcher();
    dispatcher.deliver(60);
    expect(new Set(await dispatcher.reject(0, 40))).toEqual(new Set(['remembered']));
    expect(await storm.remembered()).toBe(40);
    await dispatcher.tick();
    expect(dispatcher.current).toBeUndefined();
    expect(dispatcher.events).toEqual([]);
  });

  it.each([
    ['suspect ones below their floor', 19, 'DeviceTokenNotForTopic', 0],
    ['suspect ones below their share', 24, 'DeviceTokenNotForTopic', 76],
    ['ordinary ones below their floor', 99, 'Unregistered', 0],
    ['ordinary ones below their share', 120, 'Unregistered', 130],
  ] as const)('are believed: %s', async (_name, count, reason, delivered) => {
    const dispatcher = storm.dispatcher();
    dispatcher.deliver(delivered);
    await dispatcher.reject(0, count, reason);
    storm.pass(15_000); // into another bucket, and none of them is forgotten
    expect(await storm.control().readStorm('a')).toBeUndefined();
    expect(await storm.remembered()).toBe(count);
  });

  it('are believed when one dead device has many pushes', async () => {
    const dispatcher = storm.dispatcher();
    for (let push = 0; push < 120; push++) await dispatcher.reject(0, 1);
    expect(dispatcher.events).toEqual([]);
  });

  it('are believed when nothing was sent', async () => {
    const dispatcher = storm.dispatcher();
    for (let index = 0; index < 120; index++) {
      const verdict = { diedAt: storm.now(), reason: 'malformed-pushkey', suspect: true, isAnswer: false };
      expect(await dispatcher.remember(deviceOf(index), verdict)).toEqual({ kind: 'remembered' });
    }
    expect(await storm.remembered()).toBe(120);
  });

  it('are believed when they lie further apart than the window', async () => {
    const dispatcher = storm.dispatcher();
    for (let index = 0; index < 40; index++) {
      await dispatcher.reject(index, index + 1, 'DeviceTokenNotForTopic');
      storm.pass(MINUTE_MS);
    }
    expect(dispatcher.events).toEqual([]);
  });

  it("are measured by the app's own usual share", async () => {
    const dispatcher = storm.dispatcher({ factor: 3 });
    // A quarter of the answers, for a while, slowly.
    for (let round = 0; round < 10; round++) {
      dispatcher.deliver(300);
      await dispatcher.reject(round * 100, (round + 1) * 100);
      storm.pass(10 * MINUTE_MS);
      await dispatcher.tick();
    }
    dispatcher.deliver(80);
    // 60 of 100: more than the least share of a storm, less than three times the usual one.
    await dispatcher.reject(5000, 5120);
    expect(dispatcher.events).toEqual([]);
    await dispatcher.reject(6000, 6200);
    expect(dispatcher.events).toMatchObject([{ kind: 'tripped', storm: { kind: 'ordinary' } }]);
    expect(dispatcher.current?.baseline).toBeGreaterThan(0.2);
    expect(dispatcher.current?.baseline).toBeLessThan(0.26);
  });
});

describe('a storm', () => {
  it('holds all verdicts, those of the moment before too', async () => {
    const dispatcher = storm.dispatcher();
    const fates = await dispatcher.reject(0, 300, 'DeviceTokenNotForTopic');
    expect(fates.slice(0, 19)).toEqual(Array.from({ length: 19 }, () => 'remembered'));
    expect(new Set(fates.slice(19))).toEqual(new Set(['held']));
    expect(await storm.remembered()).toBe(0);
    expect(dispatcher.events).toMatchObject([
      {
        kind: 'tripped',
        storm: { kind: 'suspect', reasons: { DeviceTokenNotForTopic: 20 }, share: 1, baseline: 0, held: 20, needsOperator: true },
      },
    ]);
    expect(await storm.control().readStorm('a')).toMatchObject({ state: 'holding', held: 300, told: 0, probed: 0 });
  });

  it('shows behind many good answers of the minutes before', async () => {
    const dispatcher = storm.dispatcher();
    for (let bucket = 0; bucket < 30; bucket++) {
      dispatcher.deliver(1000);
      await dispatcher.tick();
      storm.pass(10_000);
    }
    storm.pass(10_000);
    const fates = await dispatcher.reject(0, 30, 'DeviceTokenNotForTopic');
    expect(fates.filter((fate) => fate === 'held')).toHaveLength(11);
    expect(await storm.remembered()).toBe(0);
  });

  it('is seen by every dispatcher, from the answers of all', async () => {
    const [first, second] = [storm.dispatcher(), storm.dispatcher()];
    second.deliver(70);
    await second.tick();
    await first.reject(0, 23, 'DeviceTokenNotForTopic');
    expect(first.events).toEqual([]);
    await second.reject(100, 101, 'DeviceTokenNotForTopic');
    expect(second.told()).toEqual(['tripped']);
    await first.tick();
    expect(first.current).toMatchObject({ held: 24 });
    expect(first.events).toEqual([]);
  });

  it('of suspect reasons leaves the others alone, until they come in numbers', async () => {
    const dispatcher = storm.dispatcher();
    await dispatcher.reject(0, 20, 'DeviceTokenNotForTopic');
    expect(await dispatcher.reject(100, 102)).toEqual(['remembered', 'remembered']);
    await dispatcher.reject(200, 400);
    expect(dispatcher.told()).toEqual(['tripped', 'tripped']);
    expect(dispatcher.current).toMatchObject({ kind: 'both', needsOperator: true });
    expect(await storm.remembered()).toBe(0);
  });

  it('counts those that a homeserver had heard of before', async () => {
    const dispatcher = storm.dispatcher();
    await dispatcher.reject(0, 19, 'DeviceTokenNotForTopic');
    await storm.redis().hset(`${storm.base()}rejected:${deviceOf(3)}`, 'told', '1');
    await dispatcher.reject(19, 20, 'DeviceTokenNotForTopic');
    expect(dispatcher.current).toMatchObject({ told: 1, held: 20 });
  });

  it('is asked about nothing outside of storms, and lets the pushes of other devices pass', async () => {
    const dispatcher = storm.dispatcher();
    await dispatcher.reject(0, 20, 'DeviceTokenNotForTopic');
    expect(await dispatcher.waitInStorm(deviceOf(999))).toBeUndefined();
    expect(await storm.dispatcher().waitInStorm(deviceOf(1))).toBeUndefined();
  });
});

describe('probes of a storm', () => {
  it('are few: ten at once, and one a second; the other pushes wait longest', async () => {
    const dispatcher = storm.dispatcher();
    await dispatcher.reject(0, 100, 'DeviceTokenNotForTopic');
    const asks = async () => {
      const waits = [];
      for (let index = 0; index < 100; index++) waits.push(await dispatcher.waitInStorm(deviceOf(index)));
      return waits;
    };
    const first = await asks();
    expect(first.filter((wait) => wait === undefined)).toHaveLength(10);
    expect(new Set(first)).toEqual(new Set([undefined, 90_000]));
    storm.pass(3000);
    expect((await asks()).filter((wait) => wait === undefined)).toHaveLength(3);
    // A clock that is set back stops nothing.
    storm.pass(-10 * MINUTE_MS);
    await asks();
    storm.pass(3000);
    expect((await asks()).filter((wait) => wait === undefined)).toHaveLength(3);
  });

  it('ask once about a pushkey at a time', async () => {
    const dispatcher = storm.dispatcher();
    await dispatcher.reject(0, 20, 'DeviceTokenNotForTopic');
    expect(await dispatcher.waitInStorm(deviceOf(0))).toBeUndefined();
    expect(await dispatcher.waitInStorm(deviceOf(0))).toBe(90_000);
    storm.pass(2 * MINUTE_MS); // whoever asked has died
    expect(await dispatcher.waitInStorm(deviceOf(0))).toBeUndefined();
  });

  it('wait twice as long each time that they are rejected again', async () => {
    const dispatcher = storm.dispatcher();
    await dispatcher.reject(0, 20, 'DeviceTokenNotForTopic');
    const verdict = { diedAt: storm.now(), reason: 'DeviceTokenNotForTopic', suspect: true, isAnswer: true };
    const waits = [];
    for (let round = 0; round < 4; round++) {
      expect(await dispatcher.waitInStorm(deviceOf(0))).toBeUndefined();
      waits.push(await dispatcher.remember(deviceOf(0), verdict));
    }
    expect(waits).toMatchObject([45_000, 90_000, 90_000, 90_000].map((retryAfterMs) => ({ kind: 'held', retryAfterMs })));
    expect(await storm.control().readStorm('a')).toMatchObject({ held: 20, probed: 1, acceptedAgain: 0 });
  });
});

describe('Redis', () => {
  it('away or full: nothing is remembered and nothing forgotten of the count', async () => {
    const full = await startTestRedis();
    const client = new Redis(full.url);
    await client.config('SET', 'maxmemory', '1');
    const breaker = createStormBreaker({
      redis: client,
      base: '{a}:',
      settings: TEST_SETTINGS,
      fingerprint: () => '',
      now: storm.now,
      random: () => 0,
      onEvent: () => undefined,
    });
    breaker.delivered('a');
    const verdict = { diedAt: 1, reason: 'Unregistered', suspect: false, isAnswer: true };
    await expect(breaker.remember('b', verdict)).rejects.toThrow(/OOM/);
    await client.config('SET', 'maxmemory', '0');
    expect(await breaker.remember('b', verdict)).toEqual({ kind: 'remembered' });
    expect(Object.values(await client.hgetall('{a}:storm:answers'))).toEqual(['1', '1']);
    await client.quit();
    await full.stop();
  });

  it('keeps no list of answers that grows with time', async () => {
    const dispatcher = storm.dispatcher();
    for (let bucket = 0; bucket < 400; bucket++) {
      dispatcher.deliver(1);
      await dispatcher.tick();
      storm.pass(10_000);
    }
    expect(await storm.redis().hlen(`${storm.base()}storm:answers`)).toBeLessThan(130);
  });
});
