import type { JsonObject } from '@reveille/notification';
import fc from 'fast-check';

import { buildData, encodeMessage, MAX_DATA_BYTES } from './payload';
import type { FcmData, PayloadSettings } from './payload';
import { NOW, testDispatch } from './test-dispatch';
import type { DispatchParts } from './test-dispatch';

const WITH_COUNTS: PayloadSettings = { send_badge_counts: true };
const IDS = { event_id: '$event', room_id: '!room:example.org', prio: 'high' };

function build(parts: DispatchParts, settings = WITH_COUNTS) {
  return buildData(testDispatch(parts), settings, NOW);
}

function dataOf(parts: DispatchParts, settings = WITH_COUNTS): FcmData {
  const result = build(parts, settings);
  if (result.kind !== 'data') throw new Error(`expected data, got ${JSON.stringify(result)}`);
  return result.data;
}

const template = (value: JsonObject): DispatchParts => ({ device: { defaultPayload: { kind: 'object', value } } });
const withContent = (text: Record<string, string>): DispatchParts => ({
  notification: { content: { text, offersVideo: false } },
});
const sizeOf = (data: FcmData) =>
  Object.entries(data).reduce((total, [key, value]) => total + Buffer.byteLength(key) + Buffer.byteLength(value), 0);

describe('the data of a message', () => {
  it.each<[string, DispatchParts, FcmData]>([
    ['event id only', {}, IDS],
    ['low priority is called normal', { notification: { priority: 'low' } }, { ...IDS, prio: 'normal' }],
    [
      'every field',
      {
        notification: {
          type: 'm.room.message',
          sender: '@major:example.org',
          senderDisplayName: 'Major Tom',
          roomName: 'Mission Control',
          roomAlias: '#mission:example.org',
          membership: 'invite',
          content: { text: { msgtype: 'm.text', body: 'Hello' }, offersVideo: false },
          counts: { unread: 2, missedCalls: 1 },
        },
      },
      {
        ...IDS,
        type: 'm.room.message',
        sender: '@major:example.org',
        sender_display_name: 'Major Tom',
        room_name: 'Mission Control',
        room_alias: '#mission:example.org',
        membership: 'invite',
        content_msgtype: 'm.text',
        content_body: 'Hello',
        unread: '2',
        missed_calls: '1',
      },
    ],
    ['zero counts are left out', { notification: { counts: { unread: 0, missedCalls: 0 } } }, IDS],
    [
      'counts alone',
      { withoutIds: true, notification: { counts: { unread: 3 } } },
      { prio: 'high', unread: '3' },
    ],
    [
      'a template: nested values as JSON, numbers and booleans as text, no null',
      template({ text: 'as it is', number: 1.5, yes: true, nested: { a: [1, null] }, list: ['x'], nothing: null }),
      { ...IDS, text: 'as it is', number: '1.5', yes: 'true', nested: '{"a":[1,null]}', list: '["x"]' },
    ],
    [
      'the notification wins over the template',
      template({ event_id: 'mine', prio: 'mine', content_body: 'mine', kept: 'kept' }),
      { ...IDS, kept: 'kept', content_body: 'mine' },
    ],
  ])('%s', (_name, parts, expected) => {
    expect(dataOf(parts)).toEqual(expected);
  });

  it('has no counts if the app wants none', () => {
    const parts = { notification: { counts: { unread: 2, missedCalls: 1 } } };
    expect(dataOf(parts, { send_badge_counts: false })).toEqual(IDS);
  });

  it('cuts every field to 1024 bytes with an ellipsis', () => {
    const content = { text: { body: 'x'.repeat(1025) }, offersVideo: false };
    const data = dataOf({ notification: { roomName: '€'.repeat(400), content } });
    expect(data.room_name).toBe(`${'€'.repeat(340)}…`);
    expect(data.content_body).toBe(`${'x'.repeat(1021)}…`);
    expect(dataOf({ notification: { roomName: 'x'.repeat(1024) } }).room_name).toBe('x'.repeat(1024));
  });

  it('makes lone surrogates well-formed, in keys too', () => {
    const data = dataOf({
      ...template({ 'k\udc00': 'v\ud800' }),
      notification: { roomName: '\ud83e', content: { text: { 'b\ud800': 'a\udc00' }, offersVideo: false } },
    });
    expect(data).toEqual({ ...IDS, room_name: '\ufffd', 'k\ufffd': 'v\ufffd', 'content_b\ufffd': 'a\ufffd' });
  });

  it('takes __proto__ for a key like any other', () => {
    const value = JSON.parse('{"__proto__": "text", "constructor": {"__proto__": 1}}') as JsonObject;
    const text = JSON.parse('{"__proto__": "content"}') as Record<string, string>;
    const dispatch = testDispatch({ ...template(value), ...withContent(text) });
    const result = buildData(dispatch, WITH_COUNTS, NOW);
    if (result.kind !== 'data') throw new Error(result.kind);
    const sent = JSON.parse(encodeMessage(dispatch, result.data, WITH_COUNTS, NOW)) as { message: { data: object } };
    const expected = { ['__proto__']: 'text', constructor: '{"__proto__":1}', content___proto__: 'content' };
    expect(new Map(Object.entries(sent.message.data))).toEqual(new Map(Object.entries({ ...IDS, ...expected })));
    expect(Object.getPrototypeOf({})).toBe(Object.prototype);
  });
});

describe('the limit of 4096 bytes', () => {
  const ids = { eventId: 'e', roomId: 'r' };

  it('shrinks the longest content first and leaves the rest alone', () => {
    const text = { a: 'a'.repeat(1000), b: 'b'.repeat(900), c: 'c'.repeat(300) };
    const notification = { ...ids, content: { text, offersVideo: false } };
    const data = dataOf({ ...template({ filler: 'f'.repeat(2400) }), notification });
    expect(data.content_c).toBe(text.c);
    expect(data.filler).toHaveLength(2400);
    expect(Buffer.byteLength(data.content_a ?? '')).toBe(Buffer.byteLength(data.content_b ?? ''));
    expect(data.content_a).toMatch(/^a+…$/);
    expect(sizeOf(data)).toBeLessThanOrEqual(MAX_DATA_BYTES);
    expect(sizeOf(data)).toBeGreaterThan(MAX_DATA_BYTES - 4);
  });

  it('takes exactly 4096 bytes, and not one more', () => {
    const rest = sizeOf(dataOf({ ...template({ filler: '' }), notification: ids }));
    const filled = (size: number) => ({ ...template({ filler: 'f'.repeat(size) }), notification: ids });
    expect(sizeOf(dataOf(filled(MAX_DATA_BYTES - rest)))).toBe(MAX_DATA_BYTES);
    expect(build(filled(MAX_DATA_BYTES - rest + 1))).toEqual({ kind: 'undeliverable', reason: 'payload-too-large' });
  });

  it('cannot be kept if the names of the content alone are too long', () => {
    const result = build(withContent({ ['k'.repeat(5000)]: '' }));
    expect(result).toEqual({ kind: 'undeliverable', reason: 'payload-too-large' });
  });

  it('counts a template value that the content replaces only once', () => {
    const data = dataOf({ ...template({ content_body: 'f'.repeat(5000) }), ...withContent({ body: 'Hello' }) });
    expect(data).toEqual({ ...IDS, content_body: 'Hello' });
  });

  it('holds for any content: strings only, well-formed, each the beginning of the original', () => {
    const surrogates = fc.integer({ min: 0xd000, max: 0xe100 }).map((unit) => String.fromCharCode(unit));
    const anyString = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 2000 }),
      fc.string({ unit: surrogates, maxLength: 1500 }),
    );
    const anyContent = fc.dictionary(fc.string({ unit: 'binary', maxLength: 8 }), anyString, { maxKeys: 8 });
    fc.assert(
      fc.property(anyContent, anyString, (text, roomName) => {
        const data = dataOf({ notification: { ...ids, roomName, content: { text, offersVideo: false } } });
        expect(sizeOf(data)).toBeLessThanOrEqual(MAX_DATA_BYTES);
        const originals: Record<string, string> = { ...IDS, event_id: 'e', room_id: 'r', room_name: roomName };
        for (const [key, value] of Object.entries(text)) originals[`content_${Buffer.from(key).toString()}`] = value;
        expect(Object.keys(data).sort()).toEqual(Object.keys(originals).sort());
        for (const [key, value] of Object.entries(data)) {
          const original = Buffer.from(originals[key] ?? '').toString();
          expect(Buffer.from(value).toString()).toBe(value);
          if (value !== original) expect(original.startsWith(value.replace(/…$/u, ''))).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('what is not sent', () => {
  const rejected = { kind: 'rejected', diedAt: NOW, suspect: false };

  it.each<[string, DispatchParts, object]>([
    ['an empty pushkey', { device: { pushkey: '' } }, { ...rejected, reason: 'malformed-pushkey' }],
    ['an endless pushkey', { device: { pushkey: 'x'.repeat(4097) } }, { ...rejected, reason: 'malformed-pushkey' }],
    [
      'a template that is no object',
      { device: { defaultPayload: { kind: 'malformed' } } },
      { ...rejected, reason: 'malformed-default-payload' },
    ],
    [
      'a template too deep to be written',
      { device: { defaultPayload: { kind: 'too-complex' } } },
      { kind: 'undeliverable', reason: 'default-payload-too-complex' },
    ],
    [
      'neither ids nor counts',
      { withoutIds: true, notification: { counts: { unread: 0 } } },
      { kind: 'skipped', reason: 'nothing-to-send' },
    ],
    [
      'empty ids and no counts',
      { notification: { eventId: '', roomId: '' } },
      { kind: 'skipped', reason: 'nothing-to-send' },
    ],
  ])('%s', (_name, parts, expected) => {
    expect(build(parts)).toEqual(expected);
  });

  it('counts that the app does not want', () => {
    const parts = { withoutIds: true, notification: { counts: { unread: 5 } } };
    expect(build(parts, { send_badge_counts: false })).toEqual({ kind: 'skipped', reason: 'nothing-to-send' });
    expect(build(parts).kind).toBe('data');
  });

  it('a pushkey of 4096 characters still is', () => {
    expect(build({ device: { pushkey: 'x'.repeat(4096) } }).kind).toBe('data');
  });
});

describe('the message around the data', () => {
  const DATA = { event_id: '$event' };
  const encode = (parts: DispatchParts, settings: PayloadSettings = WITH_COUNTS) =>
    JSON.parse(encodeMessage(testDispatch(parts), DATA, settings, NOW)) as { message: JsonObject };

  it('is data-only', () => {
    const android = { priority: 'high', ttl: '60s' };
    expect(encode({})).toEqual({ message: { data: DATA, android, token: 'pushkey-1' } });
  });

  it.each([
    [NOW + 59_999, '59s'],
    [NOW, '0s'],
    [NOW - 5_000, '0s'],
    [NOW + 365 * 86_400_000, '2419200s'],
  ])('a deadline of %d gives a ttl of %s', (deadline, ttl) => {
    expect(encode({ deadline }).message.android).toEqual({ priority: 'high', ttl });
  });

  it('merges fcm_options without changing them', () => {
    const options: JsonObject = {
      apns: { payload: { aps: { 'content-available': 1 } } },
      data: { mine: 'is replaced' },
      token: 'is replaced',
      android: { ttl: '5s', priority: 'is replaced', collapse_key: 'updates' },
    };
    const before = structuredClone(options);
    const settings = { fcm_options: options, send_badge_counts: true };
    const expected = {
      apns: { payload: { aps: { 'content-available': 1 } } },
      data: DATA,
      token: 'pushkey-1',
      android: { ttl: '5s', priority: 'normal', collapse_key: 'updates' },
    };
    expect(encode({ notification: { priority: 'low' } }, settings).message).toEqual(expected);
    expect(encode({}, settings).message).toEqual({ ...expected, android: { ...expected.android, priority: 'high' } });
    expect(options).toEqual(before);
  });
});
