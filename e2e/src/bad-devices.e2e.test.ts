import type { SimulatorCommand } from '@reveille/simulator';
import { fullNotifyRequest, notifyRequest } from '@reveille/testing';

import { androidDevice, iosDevice } from './devices';
import { ANDROID, apnsApp, fcmApp, IOS, startRelay, type Relay } from './start-relay';

/** Two globs that both match `com.glob.both`. */
const GLOBS = ['com.glob.*', 'com.*.both'] as const;

let relay: Relay;
/** The same, with `unknown_app: accept`. */
let lenient: Relay;
beforeAll(async () => {
  const start = (config: object) =>
    startRelay({
      config: { dispatcher: { request_timeout: '4s' }, ...config },
      apps: (simulator) => ({
        [IOS]: apnsApp(simulator),
        [ANDROID]: fcmApp(simulator),
        ...Object.fromEntries(GLOBS.map((glob) => [glob, apnsApp(simulator)])),
      }),
    });
  [relay, lenient] = await Promise.all([start({}), start({ unknown_app: 'accept' })]);
});
afterAll(() => Promise.all([relay.stop(), lenient.stop()]));
afterEach(() => relay.simulator.clearCommands());

describe('an app_id', () => {
  it.each([
    ['that is not served', 'org.unknown'],
    ['that two globs match', 'com.glob.both'],
    ['that is empty', ''],
    ['of another case', IOS.toUpperCase()],
    ['of 100 KB', 'a'.repeat(100_000)],
    ['that is a property of every object', '__proto__'],
    ['of odd characters', '\u0000\ud800:{*}?'],
  ])('%s: its pushkey is rejected, or accepted and dropped; the others are served', async (_name, app_id) => {
    const [unknown, known] = [iosDevice({}, app_id), iosDevice()];
    const body = notifyRequest({ devices: [unknown.wire, known.wire] });
    expect(await relay.notify(body)).toMatchObject({ status: 200, body: { rejected: [unknown.pushkey] } });
    expect(await lenient.notify(body)).toMatchObject({ status: 200, body: { rejected: [] } });
    for (const each of [relay, lenient]) {
      await each.pushes(known, 1);
      expect(each.simulator.received({ pushkey: unknown.onWire })).toEqual([]);
    }
  });

  it('that one glob matches is served', async () => {
    const device = iosDevice({}, 'com.glob.one');
    await relay.notify(notifyRequest({ devices: [device.wire] }));
    await relay.pushes(device, 1);
  });
});

describe('a pushkey', () => {
  it.each([
    ['empty, for Apple', IOS, ''],
    ['empty, for Google', ANDROID, ''],
    ['undecodable base64', IOS, '*** no base64 ***'],
    ['base64 with bits left over', IOS, 'A'],
    ['of lone surrogates', IOS, '\ud800'],
    ['longer than any token', ANDROID, 'x'.repeat(4097)],
  ])('%s: told on the next request, letter for letter, and never sent', async (_name, app_id, pushkey) => {
    const received = relay.simulator.received().length;
    const request = () => notifyRequest({ devices: [{ app_id, pushkey }] });
    expect(await relay.notify(request())).toMatchObject({ status: 200, body: { rejected: [] } });
    expect(await relay.outcomesOf({ appId: app_id, pushkey }, 1)).toMatchObject([{ outcome: 'rejected' }]);
    expect(await relay.notify(request())).toMatchObject({ status: 200, body: { rejected: [pushkey] } });
    expect(relay.simulator.received().slice(received)).toEqual([]);
  });

  it.each([1, 63, 64, 512, 513, 1024, 4096])('of %i characters never costs more than itself', async (length) => {
    const long = 'x'.repeat(length);
    const devices = [IOS, ANDROID].map((app_id) => ({ app_id, pushkey: long }));
    expect(await relay.notify(notifyRequest({ devices }))).toMatchObject({ status: 200 });
    for (const { app_id: appId, pushkey } of devices) {
      const [ended] = await relay.outcomesOf({ appId, pushkey }, 1);
      expect(['delivered', 'rejected']).toContain(ended?.outcome);
    }
  });
});

describe('many devices in one request', () => {
  it('300: one push each; the dead and the unknown among them are told', async () => {
    const devices = Array.from({ length: 300 }, (_, index) => (index % 2 === 0 ? iosDevice() : androidDevice()));
    const unknown = iosDevice({}, 'org.unknown');
    const answer = await relay.notify(fullNotifyRequest({ devices: [unknown, ...devices].map(({ wire }) => wire) }));
    expect(answer).toMatchObject({ status: 200, body: { rejected: [unknown.pushkey] } });
    for (const device of devices) expect(await relay.pushes(device, 1)).toHaveLength(1);
  });

  it('too many for one notification, or too large all together: 413, and nothing is queued', async () => {
    const tooMany = Array.from({ length: 1001 }, (_, index) => ({ app_id: IOS, pushkey: `${index}` }));
    const before = relay.simulator.received().length;
    expect(await relay.notify({ notification: { devices: tooMany } })).toMatchObject({ status: 413 });
    const content = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`k${index}`, 'x'.repeat(4000)]));
    const devices = tooMany.slice(0, 900);
    expect(await relay.notify({ notification: { content, devices } })).toMatchObject({ status: 413 });
    expect(relay.simulator.received()).toHaveLength(before);
  });
});

describe('an answer of the provider that is none', () => {
  it.each<[string, SimulatorCommand['answer'], string]>([
    ['not JSON, 400', { status: 400, body: '<html>' }, 'dead'],
    ['empty, 400', { status: 400, body: '' }, 'dead'],
    ['JSON of another form, 410', { status: 410, body: '["Unregistered"]' }, 'dead'],
    ['a 410 without its reason', { status: 410, body: '' }, 'dead'],
    ['an empty 200', { fault: 'empty' }, 'delivered'],
    // Not Apple's: something in between, which may go away. Once only, and then the push is taken.
    ['a redirect', { status: 302, headers: { location: 'https://localhost/' } }, 'delivered'],
    ['an unheard-of status', { status: 299 }, 'delivered'],
  ])('%s', async (_name, answer, outcome) => {
    const device = iosDevice();
    relay.simulator.command({ pushkey: device.onWire, times: 1, answer });
    await relay.notify(notifyRequest({ devices: [device.wire] }));
    expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome }]);
    // None of these unsubscribes anybody.
    expect((await relay.notify(notifyRequest({ devices: [device.wire] }))).body).toEqual({ rejected: [] });
  });
});
