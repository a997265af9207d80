import fc from 'fast-check';

import { copyObject } from './json-copy';
import { encodeWithin } from './truncate';

interface Alert {
  readonly body?: unknown;
  readonly 'loc-args'?: unknown;
}
interface Payload {
  readonly aps: { readonly alert: string | Alert };
  readonly filler?: string;
}

/** The definition: one code point at a time from whichever is longest in UTF-8 bytes then, the first of equals. */
function encodeNaively(payload: Payload, maxBytes: number): string | undefined {
  const { alert } = payload.aps;
  const args = typeof alert === 'string' ? undefined : alert['loc-args'];
  const texts: unknown[] =
    typeof alert === 'string' ? [alert] : [alert.body, ...(Array.isArray(args) ? (args as unknown[]) : [])];
  const write = () => {
    if (typeof alert === 'string') return JSON.stringify({ ...payload, aps: { alert: texts[0] } });
    const [body, ...rest] = texts;
    const cut = { ...alert, ...('body' in alert && { body }), ...(Array.isArray(args) && { 'loc-args': rest }) };
    return JSON.stringify({ ...payload, aps: { alert: cut } });
  };
  for (;;) {
    const written = write();
    if (Buffer.byteLength(written) <= maxBytes) return written;
    const lengths = texts.map((text) => (typeof text === 'string' ? Buffer.byteLength(text) : 0));
    const longest = Math.max(0, ...lengths);
    if (longest === 0) return undefined;
    const index = lengths.indexOf(longest);
    texts[index] = [...String(texts[index])].slice(0, -1).join('');
  }
}

function encode(payload: Payload, maxBytes: number): string | undefined {
  return encodeWithin(copyObject(JSON.parse(JSON.stringify(payload)) as Parameters<typeof copyObject>[0]), maxBytes);
}

/** Characters of 1 to 4 bytes, with and without escapes of 2 and 6. */
const character = fc.oneof(
  fc.constantFrom('a', '"', '\\', '\n', '\u0001', '\u001f', '\u007f'),
  fc.constantFrom('é', '€', '\u2028', '\ufffd', '😀', '👩‍👩‍👧'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc.string({ unit: character, maxLength: 60 });
const alert = fc.oneof(
  text,
  fc.record(
    { body: fc.oneof(text, text, text, fc.integer()), 'loc-args': fc.array(text, { maxLength: 6 }) },
    { requiredKeys: [] },
  ),
  fc.record({ 'loc-args': fc.array(fc.oneof(text, fc.constant(null), fc.integer()), { maxLength: 6 }) }),
);
const filler = fc.string({ maxLength: 20 });
const payload = fc.record({ aps: fc.record({ alert }), filler }, { requiredKeys: ['aps'] });

test('equals cutting one code point at a time from the longest', () => {
  fc.assert(
    fc.property(payload, fc.integer({ min: 0, max: 400 }), (value, maxBytes) => {
      expect(encode(value, maxBytes)).toEqual(encodeNaively(value, maxBytes));
    }),
    { numRuns: 400 },
  );
});

test('texts longer than the limit too, and of equal lengths', () => {
  const long = fc.string({ unit: character, minLength: 100, maxLength: 300 });
  fc.assert(
    fc.property(fc.array(long, { minLength: 1, maxLength: 3 }), fc.integer({ min: 60, max: 200 }), (args, maxBytes) => {
      const value = { aps: { alert: { 'loc-args': [...args, ...args] } } };
      expect(encode(value, maxBytes)).toEqual(encodeNaively(value, maxBytes));
    }),
    { numRuns: 30 },
  );
});

test('exactly at the limit nothing is cut', () => {
  const value = { aps: { alert: 'x'.repeat(100) } };
  const size = JSON.stringify(value).length;
  expect(encode(value, size)).toBe(JSON.stringify(value));
  expect(encode(value, size - 1)).toBe(JSON.stringify({ aps: { alert: 'x'.repeat(99) } }));
});

test('so many arguments that they cannot fit even empty', () => {
  expect(encode({ aps: { alert: { 'loc-args': Array.from({ length: 100_000 }, () => 'ab') } } }, 4096)).toBeUndefined();
  const few = fc.array(fc.constantFrom('', 'a', 0, 'é'), { maxLength: 40 });
  fc.assert(
    fc.property(few, fc.integer({ min: 0, max: 160 }), (args, maxBytes) => {
      const value = { aps: { alert: { 'loc-args': args } } };
      expect(encode(value, maxBytes)).toEqual(encodeNaively(value, maxBytes));
    }),
  );
});

test('looks at no more of a long text than the limit', () => {
  const codePointAt = jest.spyOn(String.prototype, 'codePointAt');
  try {
    const alert = { body: 'x'.repeat(500_000), 'loc-args': ['y'.repeat(500_000)] };
    encodeWithin(copyObject({ aps: { alert } }), 4096);
    // For each of the two texts: two looks a byte to find the limit, one to find the level, two to cut down to it.
    expect(codePointAt.mock.calls.length).toBeLessThan(2 * 5 * 4096);
  } finally {
    codePointAt.mockRestore();
  }
});
