import type { EventContent, JsonObject } from '@reveille/notification';

import { buildPayload } from './payload';
import { testDispatch, type TestDispatch } from './test-dispatch';

function build(dispatch: TestDispatch, sendBadgeCounts = true) {
  return buildPayload(testDispatch(dispatch), sendBadgeCounts);
}

/** The JSON that the device gets; the test fails when nothing would be sent. */
function payloadOf(dispatch: TestDispatch, sendBadgeCounts = true): unknown {
  const result = build(dispatch, sendBadgeCounts);
  if (result.kind !== 'payload') throw new Error(`nothing sent: ${JSON.stringify(result)}`);
  return JSON.parse(result.body);
}

const text = (values: Record<string, string>): EventContent => ({ text: values, offersVideo: false });
const sender = { sender: '@a:hs', senderDisplayName: 'Alice' };
const ids = { eventId: '$event', roomId: '!room' };

test('an event: template, alert and ids', () => {
  const facts = { ...ids, ...sender, type: 'm.room.message', roomName: 'Room' };
  expect(payloadOf({ facts, template: { x: 1, aps: { 'mutable-content': 1 } } })).toEqual({
    x: 1,
    aps: { 'mutable-content': 1, alert: { 'loc-key': 'MSG_FROM_USER_IN_ROOM', 'loc-args': ['Alice', 'Room'] } },
    room_id: '!room',
    event_id: '$event',
  });
});

test('an event without an alert is skipped, and with counts is a badge on the template', () => {
  const facts = { ...ids, type: 'm.room.member' };
  const template = { aps: { alert: 'kept' }, x: 1 };
  expect(build({ facts, template })).toEqual({ kind: 'skipped', reason: 'nothing-to-send' });
  expect(payloadOf({ facts: { ...facts, counts: { unread: 0 } }, template })).toEqual({
    aps: { alert: 'kept', badge: 0 },
    x: 1,
  });
});

describe('badge and sound', () => {
  const event = { ...ids, type: 'org.example' };
  const alert = { 'loc-key': 'MSG_FROM_USER', 'loc-args': [' '] };
  const idKeys = { room_id: '!room', event_id: '$event' };

  test.each([
    [{ unread: 2 }, 2],
    [{ missedCalls: 3 }, 3],
    [{ unread: 2, missedCalls: 3 }, 5],
    [{ unread: 0 }, 0],
    [{ unread: 0, missedCalls: 0 }, 0],
  ])('%j is badge %d', (counts, badge) => {
    expect(payloadOf({ facts: { ...event, counts } })).toEqual({ aps: { alert, badge }, ...idKeys });
    expect(payloadOf({ facts: { ...event, counts } }, false)).toEqual({ aps: { alert }, ...idKeys });
    expect(payloadOf({ facts: { counts }, template: { aps: { alert: 'x' } } })).toEqual({ aps: { badge } });
    expect(build({ facts: { counts } }, false)).toEqual({ kind: 'skipped', reason: 'nothing-to-send' });
  });

  test('a badge replaces the one of the template; without counts the template keeps its own', () => {
    const template = { aps: { badge: 7 } };
    const counted = { ...event, counts: { unread: 1 } };
    expect(payloadOf({ facts: counted, template })).toEqual({ aps: { alert, badge: 1 }, ...idKeys });
    expect(payloadOf({ facts: event, template })).toEqual({ aps: { alert, badge: 7 }, ...idKeys });
  });

  test('the sound of the push rules, unless the template has one', () => {
    const device = { sound: 'ring', defaultPayload: { kind: 'absent' } } as const;
    expect(payloadOf({ facts: event, device })).toEqual({ aps: { alert, sound: 'ring' }, ...idKeys });
    const template = { aps: { sound: { critical: 1, name: 'x' } } };
    const silenced = { sound: 'ring', defaultPayload: { kind: 'object', value: template } } as const;
    expect(payloadOf({ facts: event, device: silenced })).toEqual({ aps: { alert, ...template.aps }, ...idKeys });
  });

  test('nothing at all is skipped', () => {
    expect(build({})).toEqual({ kind: 'skipped', reason: 'nothing-to-send' });
    expect(build({ facts: { type: '', eventId: '' } })).toEqual({ kind: 'skipped', reason: 'nothing-to-send' });
  });
});

describe('event ids only', () => {
  const counts = { unread: 0, missedCalls: 2 };

  test('the template, the ids and the counts, and no badge', () => {
    const template = { aps: { alert: 'x', 'mutable-content': 1 }, room_id: 'old', nested: { a: [1, null, true] } };
    expect(payloadOf({ facts: { ...ids, counts }, template })).toEqual({
      ...template,
      room_id: '!room',
      event_id: '$event',
      unread_count: 0,
      missed_calls: 2,
    });
    expect(payloadOf({ facts: { ...ids, counts }, template }, false)).toEqual({
      ...template,
      room_id: '!room',
      event_id: '$event',
    });
  });

  test('without a template and a room', () => {
    expect(payloadOf({ facts: { eventId: '$event' } })).toEqual({ event_id: '$event' });
    expect(payloadOf({ facts: { eventId: '$event', type: '', counts: { unread: 1 } } })).toEqual({
      event_id: '$event',
      unread_count: 1,
    });
  });

  test.each<JsonObject>([
    { aps: 'x' },
    { aps: null },
    { aps: { alert: 5 } },
    { aps: { alert: { body: 1, 'loc-args': 'x' } } },
  ])('an odd template %j is passed on as it is', (template) => {
    expect(payloadOf({ facts: ids, template })).toEqual({ ...template, room_id: '!room', event_id: '$event' });
  });
});

describe('templates', () => {
  const event = { ...ids, ...sender, type: 'm.room.message' };

  test('malformed: rejected, whatever the notification', () => {
    const device = { defaultPayload: { kind: 'malformed' } } as const;
    for (const facts of [event, ids, { counts: { unread: 1 } }, {}]) {
      expect(build({ facts, device })).toEqual({ kind: 'rejected', reason: 'malformed-default-payload' });
    }
  });

  test('too deep: undeliverable where it is used', () => {
    const device = { defaultPayload: { kind: 'too-complex' } } as const;
    const expected = { kind: 'undeliverable', reason: 'default-payload-too-complex' };
    expect(build({ facts: event, device })).toEqual(expected);
    expect(build({ facts: ids, device })).toEqual(expected);
    expect(payloadOf({ facts: { counts: { unread: 1 } }, device })).toEqual({ aps: { badge: 1 } });
  });

  test.each<[JsonObject, string]>([
    [{ aps: 'x' }, 'malformed-aps'],
    [{ aps: null }, 'malformed-aps'],
    [{ aps: 5 }, 'malformed-aps'],
    [{ aps: [] }, 'malformed-aps'],
    [{ aps: true }, 'malformed-aps'],
    [{ aps: { alert: null } }, 'malformed-alert'],
    [{ aps: { alert: 5 } }, 'malformed-alert'],
    [{ aps: { alert: ['x'] } }, 'malformed-alert'],
    [{ aps: { alert: false } }, 'malformed-alert'],
  ])('%j is undeliverable: %s', (template, reason) => {
    expect(build({ facts: event, template })).toEqual({ kind: 'undeliverable', reason });
    const badge = { ...ids, type: 'm.room.member', counts: { unread: 1 } };
    expect(build({ facts: badge, template })).toEqual({ kind: 'undeliverable', reason });
  });

  test.each<[JsonObject, JsonObject]>([
    [{}, {}],
    [{ aps: {} }, {}],
    [{ aps: { alert: 'text' } }, {}],
    [{ aps: { alert: { body: 'kept', 'loc-key': 'old', 'loc-args': ['old'] } } }, { body: 'kept' }],
    [{ aps: { alert: { 'loc-args': 5, 'title-loc-key': 'kept' } } }, { 'title-loc-key': 'kept' }],
  ])('%j takes the alert', (template, kept) => {
    expect(payloadOf({ facts: event, template })).toMatchObject({
      aps: { alert: { ...kept, 'loc-key': 'MSG_FROM_USER', 'loc-args': ['Alice'] } },
    });
  });

  test('is never changed, and __proto__ in it is a key like any other', () => {
    const template = JSON.parse(
      '{"aps":{"alert":{"x":1},"__proto__":{"alert":"evil"}},"__proto__":{"aps":5},"constructor":{"prototype":1}}',
    ) as JsonObject;
    const before = JSON.stringify(template);
    const result = build({ facts: { ...event, counts: { unread: 1 } }, template, device: {} });
    expect(result).toMatchObject({ kind: 'payload' });
    expect(JSON.stringify(template)).toBe(before);
    expect(({} as Record<string, unknown>).aps).toBeUndefined();
    const body = result.kind === 'payload' ? result.body : '';
    expect(body).toContain('"__proto__":{"aps":5}');
    expect(body).toContain('"loc-key":"MSG_FROM_USER"');
  });

  test('a template whose only aps is inherited has none', () => {
    const template = JSON.parse('{"__proto__":{"aps":"inherited"}}') as JsonObject;
    expect(build({ facts: event, template })).toMatchObject({ kind: 'payload' });
  });
});

describe('push type', () => {
  test.each<[JsonObject, 'alert' | 'background']>([
    [{ 'content-available': 1 }, 'background'],
    [{ 'content-available': 1, 'mutable-content': 1 }, 'background'],
    [{ 'content-available': 1, alert: 'x' }, 'alert'],
    [{ 'content-available': 1, badge: 0 }, 'alert'],
    [{ 'content-available': 1, sound: 'x' }, 'alert'],
    [{ 'content-available': 0 }, 'alert'],
    [{}, 'alert'],
  ])('%j is %s', (aps, pushType) => {
    expect(build({ facts: ids, template: { aps } })).toMatchObject({ kind: 'payload', pushType });
  });

  test('without aps, and a badge alone: alert', () => {
    expect(build({ facts: ids })).toMatchObject({ pushType: 'alert' });
    expect(build({ facts: { counts: { unread: 1 } } })).toMatchObject({ pushType: 'alert' });
  });
});

describe('size', () => {
  test('a body of 500 KB is cut to 4096 bytes', () => {
    const content = text({ msgtype: 'm.text', body: '\u0001€'.repeat(125_000) });
    const result = build({ facts: { ...ids, ...sender, type: 'm.room.message', content } });
    expect(result.kind === 'payload' && Buffer.byteLength(result.body)).toBeGreaterThan(4080);
    expect(result.kind === 'payload' && Buffer.byteLength(result.body)).toBeLessThanOrEqual(4096);
  });

  test('what may not be cut and does not fit is undeliverable', () => {
    const template = { aps: { alert: 'x'.repeat(100) }, filler: 'x'.repeat(4096) };
    const expected = { kind: 'undeliverable', reason: 'payload-too-large' };
    expect(build({ facts: ids, template })).toEqual(expected);
    expect(build({ facts: { ...ids, type: 'm.room.message' }, template })).toEqual(expected);
    expect(build({ facts: { ...ids, roomId: 'x'.repeat(5000) } })).toEqual(expected);
  });

  test('lone surrogates become U+FFFD wherever they stand', () => {
    const content = text({ msgtype: 'm.text', body: 'a\ud800b' });
    const facts = { type: 'm.room.message', eventId: '$\udc00', roomId: '!\ud800', content };
    const names = { senderDisplayName: '\udfff', roomName: 'x\ud83d' };
    const device = { sound: '\ud800', defaultPayload: { kind: 'object', value: { '\ud800': ['\udc00'] } } } as const;
    expect(payloadOf({ facts: { ...facts, ...names }, device })).toEqual({
      aps: {
        alert: { 'loc-key': 'MSG_FROM_USER_IN_ROOM_WITH_CONTENT', 'loc-args': ['\ufffd', 'x\ufffd', 'a\ufffdb'] },
        sound: '\ufffd',
      },
      room_id: '!\ufffd',
      event_id: '$\ufffd',
      '\ufffd': ['\ufffd'],
    });
  });
});
