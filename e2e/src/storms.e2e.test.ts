import { appKeyBase, connectProducer } from '@reveille/queue';
import { createStormControl } from '@reveille/rejections';
import { notifyRequest } from '@reveille/testing';

import { androidDevice, iosDevice, type TestDevice } from './devices';
import { askAdmin, ANDROID, apnsApp, fcmApp, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';

const WRONG_TOPIC = { status: 400, reason: 'DeviceTokenNotForTopic' };
/** A small app: a third of its devices die without anything being wrong. */
const SMALL = 'com.example.small';
const WAVE = 'com.example.wave';

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({
    admin: true,
    dispatchers: 2,
    // The pushes of a storm come back soon enough for a test; all else is as by default.
    config: { storm_breaker: { retry: '500ms' } },
    apps: (simulator) => ({ [IOS]: apnsApp(simulator), [ANDROID]: fcmApp(simulator), [SMALL]: apnsApp(simulator), [WAVE]: apnsApp(simulator) }),
  });
});
afterAll(() => relay.stop());
afterEach(() => relay.simulator.clearCommands());

describe('a wrong topic', () => {
  const devices = Array.from({ length: 300 }, () => iosDevice());

  it('unsubscribes next to nobody, is seen, and its pushes arrive once the topic is right', async () => {
    relay.simulator.command({ provider: 'apns', answer: WRONG_TOPIC });
    await notifyAll(devices);
    await until(async () => ((await stormOf(IOS))?.held ?? 0) >= 280, 'the storm');

    // Another app does not notice.
    const other = androidDevice();
    await relay.notify(notifyRequest({ devices: [other.wire] }));
    expect(await relay.outcomesOf(other, 1)).toMatchObject([{ outcome: 'delivered' }]);
    expect(await stormOf(ANDROID)).toBeNull();

    const told = await notifyAll(devices);
    expect(told).toBeLessThan(devices.length / 10);
    expect(await stormOf(IOS)).toMatchObject({ state: 'holding', reason: 'DeviceTokenNotForTopic', needs_operator: true });
    expect(await metric(IOS)).toBe(1);
    expect(alarms()).toMatchObject([{ level: 'error', app: IOS }]);
    expect(relay.logs()).not.toContain(devices[0]?.onWire);

    relay.simulator.clearCommands();
    await until(async () => (await stormOf(IOS)) === null, 'the end of the storm', 60_000);
    // Both pushes of each, but for the few whose rejection was believed before there were many.
    const ended = await until(() => {
      const found = relay.outcomes().filter(({ app }) => app === IOS);
      return found.length === 2 * devices.length - told && found;
    }, 'the end of every waiting push', 60_000);
    const rejected = ended.filter(({ outcome }) => outcome === 'rejected').length;
    expect(rejected).toBeLessThan(40);
    expect(ended.filter(({ outcome }) => outcome === 'delivered')).toHaveLength(ended.length - rejected);
    expect(await notifyAll(devices)).toBe(0);
    expect(await metric(IOS)).toBe(0);
  });
});

describe('a wave of dead devices', () => {
  it('in a small app is told at once', async () => {
    const devices = Array.from({ length: 60 }, () => iosDevice({}, SMALL));
    const dead = devices.slice(0, 20);
    for (const { onWire } of dead) relay.simulator.command({ pushkey: onWire, answer: { status: 410, reason: 'Unregistered' } });
    await notifyAll(devices);
    await until(() => relay.outcomes().filter(({ app }) => app === SMALL).length >= devices.length);
    expect(await notifyAll(devices)).toBe(dead.length);
    expect(await stormOf(SMALL)).toBeNull();
  });

  it('that an operator knows of is told when the operator says so', async () => {
    const devices = Array.from({ length: 30 }, () => iosDevice({}, WAVE));
    for (const { onWire } of devices) relay.simulator.command({ pushkey: onWire, answer: WRONG_TOPIC });
    await notifyAll(devices);
    await until(async () => (await stormOf(WAVE))?.held === devices.length, 'the storm');
    expect(await notifyAll(devices)).toBe(0);
    const redis = connectProducer({ url: relay.redisUrl });
    await until(() => redis.status === 'ready');
    const baseOf = (app: string) => appKeyBase('reveille', app);
    const control = createStormControl({ redis, baseOf, ttlMs: 3_600_000, now: Date.now });
    expect(await control.release(WAVE)).toBe(devices.length);
    redis.disconnect();
    expect(await notifyAll(devices)).toBe(devices.length);
    // Their pushes end: rejected, as the provider says.
    for (const device of devices) {
      const ended = await relay.outcomesOf(device, 2);
      expect(new Set(ended.map(({ outcome }) => outcome))).toEqual(new Set(['rejected']));
    }
  });
});

/** One request for each device; resolves with how many pushkeys were told as dead. */
async function notifyAll(devices: readonly TestDevice[]): Promise<number> {
  let told = 0;
  for (let from = 0; from < devices.length; from += 50) {
    const answers = await Promise.all(
      devices.slice(from, from + 50).map(({ wire }) => relay.notify(notifyRequest({ devices: [wire] }))),
    );
    // What ingress answers, as the protocol has it.
    for (const { body } of answers) told += (body as { rejected: string[] }).rejected.length;
  }
  return told;
}

interface StormAnswer {
  readonly held: number;
}

async function stormOf(app: string): Promise<StormAnswer | null | undefined> {
  const answer = await askAdmin(relay, '/api/v1/apps');
  // The admin's answer; the expectations check what they use.
  const { apps } = (await answer.json()) as { apps: { app: string; storm: StormAnswer | null }[] };
  return apps.find((each) => each.app === app)?.storm;
}

async function metric(app: string): Promise<number | undefined> {
  const text = await (await fetch(`${relay.admin?.urls.metrics ?? ''}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`reveille_rejection_storm{app="${app}"}`));
  return line === undefined ? undefined : Number(line.split(' ')[1]);
}

function alarms() {
  return relay.dispatchers.flatMap((each) =>
    each.lines().filter(({ msg }) => typeof msg === 'string' && msg.startsWith('storm of rejections: they are held')),
  );
}
