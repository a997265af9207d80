import { fullNotifyRequest, notifyRequest, uniqueEventId } from '@reveille/testing';

import { androidDevice, iosDevice } from './devices';
import { ANDROID, apnsApp, fcmApp, IOS, startRelay, type Relay } from './start-relay';

const KIB = 1024;
const DEPTH = 20_000;

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({
    apps: (simulator) => ({
      [IOS]: apnsApp(simulator),
      [ANDROID]: fcmApp(simulator),
      'com.glob.*': apnsApp(simulator),
      'com.*.both': apnsApp(simulator),
    }),
  });
});
afterAll(() => relay.stop());

/** After each odd request the same processes still serve a proper one. */
afterEach(async () => {
  const device = iosDevice();
  await send(notifyRequest({ devices: [device.wire] }));
  await relay.pushes(device, 1);
  expect((await fetch(`${relay.ingresses[0]?.urls.http}/health`)).status).toBe(200);
});

describe('a body that is not the protocol is answered 400', () => {
  const nested = (text: string) => `{"notification":{"devices":[{"app_id":"${IOS}","pushkey":"a","data":${text}}]}}`;
  const device = { app_id: IOS, pushkey: 'AAAA' };
  const bad = (notification: unknown) => JSON.stringify({ notification });
  it.each([
    ['nothing', '', 'M_NOT_JSON', ''],
    ['no JSON', 'notification=1', 'M_NOT_JSON', ''],
    ['half of it', '{"notification":{"devices":[', 'M_NOT_JSON', ''],
    ['bytes that are no UTF-8', Uint8Array.from([0xff, 0xfe, 0x00, 0x7b]), 'M_NOT_JSON', ''],
    ['nesting without an end', '['.repeat(DEPTH), 'M_NOT_JSON', ''],
    ['text', '"notification"', 'M_BAD_JSON', 'The body'],
    ['null', 'null', 'M_BAD_JSON', 'The body'],
    ['an array', '[]', 'M_BAD_JSON', 'The body'],
    ['no notification', '{}', 'M_BAD_JSON', 'notification'],
    ['notification: null', bad(null), 'M_BAD_JSON', 'notification'],
    ['notification: an array', bad([]), 'M_BAD_JSON', 'notification'],
    ['no devices', bad({}), 'M_BAD_JSON', 'notification.devices'],
    ['devices: an object', bad({ devices: {} }), 'M_BAD_JSON', 'notification.devices'],
    ['devices: empty', bad({ devices: [] }), 'M_BAD_JSON', 'notification.devices'],
    ['a device: null', bad({ devices: [device, null] }), 'M_BAD_JSON', 'notification.devices[1]'],
    ['no app_id', bad({ devices: [{ pushkey: 'x' }] }), 'M_BAD_JSON', 'notification.devices[0].app_id'],
    ['app_id: null', bad({ devices: [{ ...device, app_id: null }] }), 'M_BAD_JSON', 'notification.devices[0].app_id'],
    ['no pushkey', bad({ devices: [device, { app_id: IOS }] }), 'M_BAD_JSON', 'notification.devices[1].pushkey'],
    ['pushkey: a number', bad({ devices: [{ ...device, pushkey: 7 }] }), 'M_BAD_JSON', 'notification.devices[0].pushkey'],
    ['pushkey_ts: text', bad({ devices: [{ ...device, pushkey_ts: '7' }] }), 'M_BAD_JSON', 'notification.devices[0].pushkey_ts'],
    ['event_id: a number', bad({ event_id: 7, devices: [device] }), 'M_BAD_JSON', 'notification.event_id'],
    ['prio: an object', bad({ prio: {}, devices: [device] }), 'M_BAD_JSON', 'notification.prio'],
    ['deep nesting where text belongs', nested('{}').replace('"a"', nest(1000)), 'M_BAD_JSON', 'notification.devices[0].pushkey'],
  ])('%s', async (_name, body, errcode, path) => {
    const answer = await relay.notify(body);
    expect(answer).toMatchObject({ status: 400, body: { errcode, error: expect.any(String) as string } });
    expect((answer.body as { error: string }).error.startsWith(path === '' ? 'The body' : `${path}:`) || path === 'The body').toBe(true);
  });
});

describe('a body that is too long is answered 413', () => {
  it.each([
    ['600 KiB', 600 * KIB],
    ['5 MiB', 5 * KIB * KIB],
  ])('%s', async (_name, bytes) => {
    const body = notifyRequest({ content: { body: 'x'.repeat(bytes) } });
    expect(await relay.notify(body)).toMatchObject({ status: 413, body: { errcode: 'M_TOO_LARGE' } });
  });

  it('also when its length is not announced', async () => {
    const response = await fetch(`${relay.ingresses[0]?.urls.http}/_matrix/push/v1/notify`, {
      method: 'POST',
      duplex: 'half',
      body: new ReadableStream({
        start(controller) {
          for (let sent = 0; sent < 600; sent += 1) controller.enqueue(new Uint8Array(KIB).fill(0x20));
          controller.close();
        },
      }),
    });
    expect(response.status).toBe(413);
  });
});

describe('what only a payload is made from may be odd: the push arrives without it', () => {
  it.each([
    ['content: text', { content: 'text' }],
    ['content: an array', { content: ['body'] }],
    ['content.body: an object', { content: { msgtype: 'm.text', body: { a: 1 } } }],
    ['counts: text', { counts: 'many' }],
    ['counts.unread: text', { counts: { unread: '7' } }],
    ['counts: negative, fractional', { counts: { unread: -1, missed_calls: 1.5 } }],
    ['counts: huge', { counts: { unread: 1e308 } }],
    ['room_name: a number', { room_name: 7 }],
    ['sender_display_name: an array', { sender_display_name: ['Alice'] }],
    ['type: an object', { type: {} }],
    ['user_is_target: text', { user_is_target: 'yes' }],
    ['everything null', { room_id: null, content: null, counts: null, sender: null, room_name: null, prio: null }],
    ['prio: unknown', { prio: 'urgent' }],
    ['lone surrogates', { room_name: '\ud800', content: { msgtype: 'm.text', body: 'a\udc00b\ud83d' } }],
    ['a text of 500 KB', { content: { msgtype: 'm.text', body: '𝄞'.repeat(125_000) } }],
    ['a name of 500 KB', { sender_display_name: '𝄞'.repeat(125_000) }],
    ['__proto__', JSON.parse('{"content":{"__proto__":"x","body":"y","msgtype":"m.text"}}') as object],
  ])('%s', async (_name, fields) => {
    const [ios, android] = [iosDevice({ data: {} }), androidDevice({ data: {} })];
    await send(fullNotifyRequest({ ...fields, devices: [ios.wire, android.wire] }));
    for (const device of [ios, android]) {
      expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome: 'delivered' }]);
      // Apple and Google find nothing wrong with what they get.
      for (const { status } of relay.simulator.received({ pushkey: device.onWire })) expect(status).toBe(200);
    }
  });

  it('ten thousand keys, of which Google allows the names of some hundred', async () => {
    const device = androidDevice();
    const content = Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`k${index}`, 'v']));
    await send(fullNotifyRequest({ content, devices: [device.wire] }));
    expect(await relay.outcomesOf(device, 1)).toHaveLength(1);
  });

  it('an event id of 500 KB, which is too long for Apple: a dead letter, not a crash', async () => {
    const device = iosDevice();
    await send(notifyRequest({ event_id: `${uniqueEventId()}${'e'.repeat(500_000)}`, devices: [device.wire] }));
    expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome: 'dead', reason: expect.any(String) as string }]);
  });

  it('deep nesting that no payload uses', async () => {
    const device = iosDevice();
    const body = JSON.stringify(notifyRequest({ devices: [device.wire], content: { a: 0 } }));
    await send(body.replace('"a":0', `"a":${nest(DEPTH)}`));
    await relay.pushes(device, 1);
  });
});

describe('default_payload', () => {
  it.each([
    ['text', '"x"', 'rejected'],
    ['an array', '[1]', 'rejected'],
    ['a number', '7', 'rejected'],
    ['false', 'false', 'rejected'],
    ['null', 'null', 'delivered'],
    ['empty', '{}', 'delivered'],
    ['aps: a number', '{"aps":7}', 'dead'],
    ['aps: null', '{"aps":null}', 'dead'],
    ['aps.alert: an array', '{"aps":{"alert":[1]}}', 'dead'],
    ['aps.alert: text', '{"aps":{"alert":"x"}}', 'delivered'],
    ['too large', `{"x":"${'x'.repeat(5000)}"}`, 'dead'],
    ['too deep', `{"x":${nest(DEPTH)}}`, 'dead'],
  ])('%s', async (_name, payload, outcome) => {
    const device = iosDevice({ data: { default_payload: 0 } });
    const body = JSON.stringify(fullNotifyRequest({ devices: [device.wire] }));
    await send(body.replace('"default_payload":0', `"default_payload":${payload}`));
    expect(await relay.outcomesOf(device, 1)).toMatchObject([{ outcome }]);
  });
});

describe('all of it together', () => {
  it('has kept no process busy for long, whatever was cut or counted', async () => {
    for (const { role, urls } of [...relay.ingresses, ...relay.dispatchers]) {
      const metrics = await (await fetch(`${urls.metrics}/metrics`)).text();
      const lag = Number(/^reveille_nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(metrics)?.[1]);
      // The aim is 50 ms. A busy machine adds to that; what is quadratic in 500 KB takes many seconds.
      expect({ role, lag, isShort: lag < 2 }).toEqual({ role, lag, isShort: true });
    }
  });
});

/** Nested arrays as JSON text. */
function nest(depth: number): string {
  return `${'['.repeat(depth)}${']'.repeat(depth)}`;
}

async function send(body: unknown): Promise<void> {
  expect(await relay.notify(body)).toMatchObject({ status: 200, body: { rejected: [] } });
}
