import type { Dispatch } from '@reveille/provider';
import fc from 'fast-check';
import { randomBytes, randomUUID } from 'node:crypto';
import { createDispatchCodec, type DecodedJob } from './dispatch-codec';

const OLD = randomBytes(32);
const NEW = randomBytes(32);
const APP = 'com.example.ios';
const ID = randomUUID();

const dispatch: Dispatch = {
  id: ID,
  kind: 'event',
  acceptedAt: 1_795_333_200_000,
  deadline: 1_795_336_800_000,
  deviceHash: 'hash-of-the-device',
  device: { appId: APP, pushkey: 'SECRET-pushkey', defaultPayload: { kind: 'object', value: { aps: { x: 'SECRET' } } } },
  notification: {
    eventId: '$SECRET',
    roomId: '!SECRET',
    sender: '@SECRET:example.org',
    userIsTarget: false,
    priority: 'high',
    content: { text: { body: 'SECRET 🐝' }, offersVideo: false },
    counts: { unread: 3 },
  },
};
const { kind, acceptedAt, deadline, deviceHash } = dispatch;
const envelope = { kind, acceptedAt, deadline, deviceHash };

const open = createDispatchCodec();
const sealing = createDispatchCodec({ keys: [NEW, OLD] });

/** As the data come back from Redis. */
const stored = (text: string): Record<string, unknown> => JSON.parse(text) as Record<string, unknown>;

it('writes in the clear without a key', () => {
  const data = stored(open.encode(APP, dispatch));
  expect(data).toEqual({ v: 1, ...envelope, device: dispatch.device, notification: dispatch.notification });
  expect(open.decode(APP, ID, data)).toEqual({ dispatch });
});

it('shows nothing but kind, times and the hash of the device when it seals', () => {
  const text = sealing.encode(APP, dispatch);
  const data = stored(text);
  expect(data).toEqual({ v: 1, ...envelope, sealed: expect.stringMatching(/^[\w-]{8}\.[\w-]+$/) as string });
  const plain = Buffer.from(String(data.sealed).slice(9), 'base64url').toString('latin1');
  expect(text + plain).not.toContain('SECRET');
  expect(sealing.decode(APP, ID, data)).toEqual({ dispatch });
});

it('seals the same dispatch differently each time', () => {
  expect(sealing.encode(APP, dispatch)).not.toBe(sealing.encode(APP, dispatch));
});

it('takes the notification that was encoded for all devices of a request', () => {
  const notification = JSON.stringify(dispatch.notification);
  expect(sealing.decode(APP, ID, stored(sealing.encode(APP, dispatch, notification)))).toEqual({ dispatch });
});

it('reads jobs from before the keys, and from before their rotation', () => {
  expect(sealing.decode(APP, ID, stored(open.encode(APP, dispatch)))).toEqual({ dispatch });
  const before = stored(createDispatchCodec({ keys: [OLD] }).encode(APP, dispatch));
  expect(sealing.decode(APP, ID, before)).toEqual({ dispatch });
  // One that has seen the new key already, but still seals with the old one.
  expect(createDispatchCodec({ keys: [OLD, NEW] }).decode(APP, ID, stored(sealing.encode(APP, dispatch)))).toEqual({ dispatch });
});

it('knows a key that it lacks from data that were changed', () => {
  const data = stored(sealing.encode(APP, dispatch));
  const missing: DecodedJob = { dispatch: undefined, unreadable: { reason: 'sealing-key-unknown', envelope } };
  expect(createDispatchCodec({ keys: [OLD] }).decode(APP, ID, data)).toEqual(missing);
  expect(open.decode(APP, ID, data)).toEqual(missing);

  const tampered: DecodedJob = { dispatch: undefined, unreadable: { reason: 'tampered', envelope } };
  // Of another job, of another app.
  expect(sealing.decode(APP, randomUUID(), data)).toEqual(tampered);
  expect(sealing.decode('com.example.iosx', ID, data)).toEqual(tampered);
  expect(sealing.decode(APP, ID, { ...data, sealed: 'no sealed text' })).toEqual(tampered);
  expect(sealing.decode(APP, ID, { ...data, sealed: String(data.sealed).slice(0, 9) })).toEqual(tampered);
});

it.each<[string, object]>([
  ['the kind', { kind: 'call' }],
  ['the time of acceptance', { acceptedAt: acceptedAt + 1 }],
  ['the deadline', { deadline: deadline + 86_400_000 }],
  ['the device', { deviceHash: 'hash-of-another-device' }],
])('does not open beside a change of %s, which stands in the clear', (_name, change) => {
  const data = { ...stored(sealing.encode(APP, dispatch)), ...change };
  expect(sealing.decode(APP, ID, data)).toEqual({ dispatch: undefined, unreadable: { reason: 'tampered', envelope: { ...envelope, ...change } } });
});

it('takes a job in the clear for a forged one where all must be sealed', () => {
  const strict = createDispatchCodec({ keys: [NEW, OLD], requireSealed: true });
  const notSealed: DecodedJob = { dispatch: undefined, unreadable: { reason: 'not-sealed', envelope } };
  expect(strict.decode(APP, ID, stored(open.encode(APP, dispatch)))).toEqual(notSealed);
  expect(strict.decode(APP, ID, stored(sealing.encode(APP, dispatch)))).toEqual({ dispatch });
  expect(strict.decode(APP, ID, { v: 2 })).toEqual({ dispatch: undefined, unreadable: { reason: 'unreadable' } });
  // Without a key nothing could be sealed: what this process would write itself is read.
  expect(createDispatchCodec({ requireSealed: true }).decode(APP, ID, stored(open.encode(APP, dispatch)))).toEqual({ dispatch });
});

it('does not open what differs in any one character', () => {
  const data = stored(sealing.encode(APP, dispatch));
  const sealed = String(data.sealed);
  fc.assert(
    fc.property(fc.nat(sealed.length - 11), fc.integer({ min: 1, max: 63 }), (offset, shift) => {
      const at = 9 + offset;
      const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
      const other = alphabet[(alphabet.indexOf(sealed[at] ?? '') + shift) % 64] ?? '';
      const changed = sealed.slice(0, at) + other + sealed.slice(at + 1);
      expect(sealing.decode(APP, ID, { ...data, sealed: changed }).unreadable?.reason).toBe('tampered');
    }),
  );
});

it('survives anything that Redis could hold', () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), fc.record({ sealed: fc.jsonValue() }), fc.record({ v: fc.constant(1), sealed: fc.string() })), (data) => {
      for (const codec of [open, sealing]) expect(codec.decode(APP, ID, data).dispatch).toBeUndefined();
    }),
  );
  expect(sealing.decode(APP, ID, { v: 2 })).toEqual({ dispatch: undefined, unreadable: { reason: 'unreadable' } });
});

it('seals any text of a notification', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (body) => {
      const any: Dispatch = { ...dispatch, notification: { ...dispatch.notification, content: { text: { body }, offersVideo: false } } };
      expect(sealing.decode(APP, ID, stored(sealing.encode(APP, any)))).toEqual({ dispatch: any });
    }),
  );
});
