import fc from 'fast-check';

import { requestId } from './request-id';

const fresh = (): string => 'fresh';

describe('requestId', () => {
  it.each(['a', 'A.b_c-9', 'x'.repeat(128)])('keeps %s', (header) => {
    expect(requestId(header, fresh)).toBe(header);
  });

  it.each([undefined, '', ' ', 'a b', 'a\nb', 'a\n', '"', 'é', 'x'.repeat(129), ['a', 'b']])(
    'makes a new one instead of %j',
    (header) => {
      expect(requestId(header, fresh)).toBe('fresh');
    },
  );

  it('is always safe in a header and a log line', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (header) =>
        expect(requestId(header)).toMatch(/^[A-Za-z0-9._-]{1,128}$/),
      ),
    );
  });
});
