import fc from 'fast-check';
import { parseNotifyRequest } from './parse-notify-request';

const device = { app_id: 'com.example.app', pushkey: 'pushkey' };

function parse(notification: unknown) {
  return parseNotifyRequest(JSON.stringify({ notification }));
}

function accepted(notification: unknown) {
  const result = parse(notification);
  if (!result.ok) throw new Error(result.error);
  return result.notification;
}

describe('a request that is not the protocol', () => {
  it.each([
    ['', 'M_NOT_JSON', 'The body is not JSON'],
    ['{"notification":', 'M_NOT_JSON', 'The body is not JSON'],
    ['\ufeff{}', 'M_NOT_JSON', 'The body is not JSON'],
    ['[]', 'M_BAD_JSON', 'The body: '],
    ['null', 'M_BAD_JSON', 'The body: '],
    ['{}', 'M_BAD_JSON', 'notification: '],
    ['{"notification":null}', 'M_BAD_JSON', 'notification: '],
    ['{"notification":{}}', 'M_BAD_JSON', 'notification.devices: '],
    ['{"notification":{"devices":{}}}', 'M_BAD_JSON', 'notification.devices: '],
    ['{"notification":{"devices":[]}}', 'M_BAD_JSON', 'notification.devices: must have at least one device'],
    ['{"notification":{"devices":[null]}}', 'M_BAD_JSON', 'notification.devices[0]: '],
    ['{"notification":{"devices":[{"pushkey":"p"}]}}', 'M_BAD_JSON', 'notification.devices[0].app_id: '],
    ['{"notification":{"devices":[{"app_id":"a","pushkey":"p"},{"app_id":"a"}]}}', 'M_BAD_JSON', 'notification.devices[1].pushkey: '],
    ['{"notification":{"devices":[{"app_id":5,"pushkey":"p"}]}}', 'M_BAD_JSON', 'notification.devices[0].app_id: '],
    ['{"notification":{"devices":[{"app_id":"a","pushkey":"p","pushkey_ts":"now"}]}}', 'M_BAD_JSON', 'notification.devices[0].pushkey_ts: '],
    ['{"notification":{"event_id":5,"devices":[{"app_id":"a","pushkey":"p"}]}}', 'M_BAD_JSON', 'notification.event_id: '],
    ['{"notification":{"prio":[],"devices":[{"app_id":"a","pushkey":"p"}]}}', 'M_BAD_JSON', 'notification.prio: '],
  ])('%s', (body, errcode, start) => {
    const result = parseNotifyRequest(body);
    expect(result).toMatchObject({ ok: false, errcode });
    expect(!result.ok && result.error.startsWith(start)).toBe(true);
  });

  it('is refused without repeating what it said', () => {
    const result = parse({ devices: [{ app_id: 'a', pushkey: 1 }], event_id: { secret: 'sentinel' } });
    expect(JSON.stringify(result)).not.toContain('sentinel');
    expect(JSON.stringify(parseNotifyRequest('sentinel'))).not.toContain('sentinel');
  });
});

it('takes null for absent in every optional field', () => {
  const optional = ['event_id', 'room_id', 'type', 'sender', 'sender_display_name', 'room_name', 'room_alias',
    'membership', 'user_is_target', 'prio', 'content', 'counts'];
  const nulls = Object.fromEntries(optional.map((key) => [key, null]));
  const nullDevice = { ...device, pushkey_ts: null, data: null, tweaks: null };
  expect(accepted({ ...nulls, devices: [nullDevice] })).toEqual(accepted({ devices: [device] }));
  expect(accepted({ counts: { unread: null, missed_calls: null }, devices: [{ ...device, tweaks: { sound: null } }] })).toEqual(
    accepted({ devices: [device] }),
  );
  expect(accepted({ devices: [{ ...device, data: { default_payload: null } }] }).devices[0]?.defaultPayload.kind).toBe('absent');
});

it('reads a full notification', () => {
  const notification = accepted({
    event_id: '$e', room_id: '!r', type: 'm.room.message', sender: '@a:b', sender_display_name: 'A', room_name: 'R',
    room_alias: '#r:b', membership: 'invite', user_is_target: true, prio: 'low', id: 'ignored',
    content: { body: 'hi', msgtype: 'm.text', n: 1, nested: { body: 'no' } },
    counts: { unread: 0, missed_calls: 2 },
    devices: [{ ...device, pushkey_ts: 12, data: { default_payload: { aps: {} }, url: 'ignored' }, tweaks: { sound: 'bing' } }],
  });
  expect(notification).toEqual({
    eventId: '$e', roomId: '!r', type: 'm.room.message', sender: '@a:b', senderDisplayName: 'A', roomName: 'R',
    roomAlias: '#r:b', membership: 'invite', userIsTarget: true, priority: 'low',
    content: { text: { body: 'hi', msgtype: 'm.text' }, offersVideo: false },
    counts: { unread: 0, missedCalls: 2 },
    devices: [{ appId: device.app_id, pushkey: 'pushkey', pushkeyTs: 12, sound: 'bing', defaultPayload: { kind: 'object', value: { aps: {} } } }],
  });
});

it('takes a wrong type in a field that only a payload uses for absent', () => {
  const odd = {
    room_id: 1, type: {}, sender: [], sender_display_name: true, room_name: 5, room_alias: {}, membership: 0,
    user_is_target: 'yes', content: 'text', counts: [1],
    devices: [{ ...device, data: 'text', tweaks: 7 }],
  };
  expect(accepted(odd)).toEqual(accepted({ devices: [device] }));
  expect(accepted({ counts: { unread: '3', missed_calls: -1 }, devices: [device] }).counts).toEqual({});
  expect(accepted({ counts: { unread: 1.5, missed_calls: 1e400 }, devices: [device] }).counts).toEqual({});
});

it('takes every prio but low for high', () => {
  expect(['high', 'low', 'LOW', '', 'medium'].map((prio) => accepted({ prio, devices: [device] }).priority)).toEqual([
    'high', 'low', 'high', 'high', 'high',
  ]);
});

it('takes empty texts for absent, as Synapse sends them in badge updates', () => {
  expect(accepted({ id: '', sender: '', type: null, event_id: '', room_id: '', devices: [device] })).toEqual(
    accepted({ devices: [device] }),
  );
});

it.each<[unknown, string]>([
  [undefined, 'absent'], [{}, 'object'], [{ aps: 1 }, 'object'], ['x', 'malformed'], [[], 'malformed'], [5, 'malformed'], [false, 'malformed'],
])('sorts a default_payload of %j into %s', (defaultPayload, kind) => {
  expect(accepted({ devices: [{ ...device, data: { default_payload: defaultPayload } }] }).devices[0]?.defaultPayload.kind).toBe(kind);
});

it('sets aside a default_payload that no serializer can be trusted with', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
  const kindAt = (depth: number) => {
    const body = `{"notification":{"devices":[{"app_id":"a","pushkey":"p","data":{"default_payload":${nested(depth)}}}]}}`;
    const result = parseNotifyRequest(body);
    return result.ok && result.notification.devices[0]?.defaultPayload.kind;
  };
  expect([64, 65, 100_000].map(kindAt)).toEqual(['object', 'too-complex', 'too-complex']);
});

it('sets aside a default_payload with more values than any payload holds', () => {
  const kindOf = (values: number) => accepted({ devices: [{ ...device, data: { default_payload: { a: Array(values).fill(0) } } }] }).devices[0]?.defaultPayload.kind;
  expect([2046, 2047, 100_000].map(kindOf)).toEqual(['object', 'too-complex', 'too-complex']);
});

describe('the texts of a default_payload', () => {
  const templateOf = (template: object) => accepted({ devices: [{ ...device, data: { default_payload: template } }] }).devices[0]?.defaultPayload;
  const long = 'x'.repeat(500_000);
  const short = 'x'.repeat(4096);
  it.each<[object, object]>([
    [{ aps: { alert: long, badge: 1 }, a: 1 }, { aps: { alert: short, badge: 1 }, a: 1 }],
    [{ aps: { alert: { body: long, title: 't' } } }, { aps: { alert: { body: short, title: 't' } } }],
    [{ aps: { alert: { 'loc-args': [long, 5, 'y'] } } }, { aps: { alert: { 'loc-args': [short, 5, 'y'] } } }],
    [{ aps: { alert: [long.slice(0, 9000)] } }, { aps: { alert: [long.slice(0, 9000)] } }],
  ])('are cut where a payload may be shortened (%#)', (template, expected) => {
    expect(templateOf(template)).toEqual({ kind: 'object', value: expected });
  });
  it('are too complex where it may not', () => {
    expect(templateOf({ a: long })).toEqual({ kind: 'too-complex' });
    expect(templateOf({ aps: { alert: { title: long } } })).toEqual({ kind: 'too-complex' });
  });
});

it('refuses more devices than a notification can mean, and names the first wrong one', () => {
  expect(accepted({ devices: Array(1000).fill(device) }).devices).toHaveLength(1000);
  expect(parse({ devices: Array(1001).fill(device) })).toMatchObject({ ok: false, errcode: 'M_TOO_LARGE' });
  expect(parse({ devices: Array(170_000).fill({}) })).toMatchObject({ ok: false, errcode: 'M_TOO_LARGE' });
  expect(parse({ devices: [...Array<object>(500).fill(device), {}, 5, null] })).toMatchObject({ error: expect.stringContaining('notification.devices[500].app_id') as string });
});

it('keeps 16 KiB of texts, first of all what alerts are made from', () => {
  const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`key-${index}`, 'x'.repeat(20)]));
  const text = accepted({ content: { ...many, body: 'b', msgtype: 'm.text' }, devices: [device] }).content?.text ?? {};
  expect(text).toMatchObject({ body: 'b', msgtype: 'm.text', 'key-0': 'x'.repeat(20) });
  const bytes = Object.entries(text).reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  expect(bytes).toBeGreaterThan(16_000);
  expect(bytes).toBeLessThanOrEqual(16 * 1024);
});

it('drops a content that is nested without end, and keeps its texts', () => {
  const body = `{"notification":{"content":{"body":"x","deep":${'['.repeat(100_000)}${']'.repeat(100_000)}},"devices":[{"app_id":"a","pushkey":"p"}]}}`;
  const result = parseNotifyRequest(body);
  expect(result.ok && result.notification.content).toEqual({ text: { body: 'x' }, offersVideo: false });
});

describe('calls', () => {
  it.each<[unknown, object]>([
    [{ offer: { sdp: 'v=0\r\nm=video 9' } }, { offersVideo: true }],
    [{ offer: { sdp: 'v=0' } }, { offersVideo: false }],
    [{ offer: { sdp: 5 } }, { offersVideo: false }],
    [{ offer: 'm=video' }, { offersVideo: false }],
    [{ lifetime: 30_000 }, { offersVideo: false, lifetimeMs: 30_000 }],
    [{ lifetime: '30000' }, { offersVideo: false }],
    [{ lifetime: 0 }, { offersVideo: false }],
    [{ lifetime: -5 }, { offersVideo: false }],
  ])('content %j', (content, expected) => {
    expect(accepted({ content, devices: [device] }).content).toMatchObject(expected);
    expect(Object.keys(accepted({ content, devices: [device] }).content ?? {})).toHaveLength(Object.keys(expected).length + 1);
  });
});

it('cuts texts to 4096 bytes between code points, and no identifier', () => {
  const long = '😀'.repeat(5000);
  const notification = accepted({ event_id: long, room_name: long, content: { body: long }, devices: [{ ...device, pushkey: long }] });
  expect(notification.eventId).toBe(long);
  expect(notification.devices[0]?.pushkey).toBe(long);
  expect(notification.roomName).toBe('😀'.repeat(1024));
  expect(notification.content?.text.body).toBe('😀'.repeat(1024));
});

it('lets keys like __proto__ change nothing', () => {
  const result = parseNotifyRequest('{"notification":{"content":{"__proto__":"x"},"devices":[{"app_id":"a","pushkey":"p","data":{"default_payload":{"__proto__":{"polluted":1}}}}]}}');
  if (!result.ok) throw new Error(result.error);
  expect(Object.getPrototypeOf(result.notification.content?.text)).toBe(Object.prototype);
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
});

it('answers any text and any JSON, without an exception', () => {
  fc.assert(fc.property(fc.string(), (body) => typeof parseNotifyRequest(body).ok === 'boolean'));
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (value, other) => {
      const bodies = [value, { notification: value }, { notification: { devices: [value], content: other } },
        { notification: { devices: [{ ...device, data: value, tweaks: other }], counts: other, content: value } }];
      return bodies.every((body) => typeof parseNotifyRequest(JSON.stringify(body)).ok === 'boolean');
    }),
  );
});
