import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { createKeyedHash } from './keyed-hash';

const key = randomBytes(32);
const hash = createKeyedHash(key);

it('is the same in every process that has the key, and another one under another key', () => {
  expect(createKeyedHash(key).device('a', 'p')).toBe(hash.device('a', 'p'));
  expect(createKeyedHash(randomBytes(32)).device('a', 'p')).not.toBe(hash.device('a', 'p'));
});

it('tells every two devices apart', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), fc.string(), (appId, pushkey, otherApp, otherPushkey) => {
      fc.pre(appId !== otherApp || pushkey !== otherPushkey);
      return hash.device(appId, pushkey) !== hash.device(otherApp, otherPushkey);
    }),
  );
  expect(hash.device('ab', 'c')).not.toBe(hash.device('a', 'bc'));
  expect(hash.device('a', 'b')).not.toBe(hash.event('b'));
});

it('fits a Redis key and a log line', () => {
  expect(hash.device('a', 'x'.repeat(100_000))).toMatch(/^[A-Za-z0-9_-]{22}$/);
});
