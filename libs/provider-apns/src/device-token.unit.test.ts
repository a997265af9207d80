import fc from 'fast-check';

import { toDeviceToken } from './device-token';

test('any bytes, in either alphabet, padded or not', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (bytes) => {
      const padded = Buffer.from(bytes).toString('base64');
      const urlSafe = padded.replaceAll('+', '-').replaceAll('/', '_');
      for (const pushkey of [padded, urlSafe, padded.replace(/=+$/, ''), urlSafe.replace(/=+$/, '')]) {
        expect(toDeviceToken(pushkey, false)).toBe(Buffer.from(bytes).toString('hex'));
      }
    }),
  );
});

const wrongLength = ['', 'A', 'AAAAA'];
const wrongPadding = ['=', '==', 'QUI==', 'QUJD=', 'QQ=', 'QQ===', 'Q=JD'];
const wrongAlphabet = ['QU JD', 'QUJD\n', '+-+-', '_/AA', 'é', '\ud800', '😀'];

test.each([...wrongLength, ...wrongPadding, ...wrongAlphabet])('not base64: %j', (pushkey) => {
  expect(toDeviceToken(pushkey, false)).toBeUndefined();
});

test('anything else never throws', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), fc.boolean(), (pushkey, isHex) => {
      expect(toDeviceToken(pushkey, isHex) ?? '00').toMatch(/^([0-9a-f]{2})+$/i);
    }),
  );
});

test.each([false, true])('512 characters are the most (hexadecimal: %s)', (isHex) => {
  expect(toDeviceToken('AA'.repeat(256), isHex)).toMatch(/^([0-9a-f]{2}){256,384}$/i);
  expect(toDeviceToken('AA'.repeat(258), isHex)).toBeUndefined();
  expect(toDeviceToken('AA'.repeat(50_000), isHex)).toBeUndefined();
});

test('hexadecimal already', () => {
  expect(toDeviceToken('00ffAB', true)).toBe('00ffAB');
  for (const pushkey of ['', '0', '0g', '00 ', 'QUJD+', '00ff\n']) expect(toDeviceToken(pushkey, true)).toBeUndefined();
});
