import fc from 'fast-check';

import { checkFcmRequest } from './fcm-checks';

test('any JSON gets a verdict, and data that passes is strings of at most 4096 bytes', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      expect(() => checkFcmRequest(body)).not.toThrow();
    }),
  );
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string({ maxLength: 3000 }), fc.jsonValue())), (data) => {
      if (checkFcmRequest({ message: { token: 'a', data } }) !== undefined) return;
      expect(Object.values(data).every((value) => typeof value === 'string')).toBe(true);
      const bytes = Object.entries(data).reduce((sum, [key, value]) => sum + Buffer.byteLength(key + String(value)), 0);
      expect(bytes).toBeLessThanOrEqual(4096);
    }),
  );
});
