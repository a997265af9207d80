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
      const strings = Object.values(data).filter((value) => typeof value === 'string');
      expect(strings).toHaveLength(Object.keys(data).length);
      const bytes = [...Object.keys(data), ...strings].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
      expect(bytes).toBeLessThanOrEqual(4096);
    }),
  );
});
