import fc from 'fast-check';

import { MAX_FIELD_CHARS, REDACTED, sanitizeFields, sensitiveNames, type LogFields } from './log-fields';

const SENTINEL = 'sEnTiNeL-pushkey-0123456789';

const camelCase = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
const spellings = sensitiveNames.flatMap((name) => [
  name,
  camelCase(name),
  name.toUpperCase(),
  name.replace(/_/g, '-'),
]);

describe('sanitizeFields', () => {
  it.each(sensitiveNames)('redacts %s', (name) => {
    expect(sanitizeFields({ [name]: SENTINEL })).toEqual({ [name]: REDACTED });
  });

  it('redacts at any depth, in objects and arrays, whatever the spelling', () => {
    const nested = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(...spellings).map((name) => ({ [name]: SENTINEL })),
        fc.constantFrom(...spellings).map((name) => ({ [name]: [{ inner: SENTINEL }] })),
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.string({ maxLength: 8 }), tie('tree'), { maxKeys: 4 }),
      ),
    })).tree;
    fc.assert(
      fc.property(nested, (value) => {
        expect(JSON.stringify(sanitizeFields({ value }))).not.toContain(SENTINEL);
      }),
    );
  });

  it('never throws and always gives what JSON can write, whatever the value', () => {
    fc.assert(
      fc.property(
        fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true, withTypedArray: true }),
        (value) => {
          expect(() => JSON.stringify(sanitizeFields({ value }))).not.toThrow();
        },
      ),
    );
  });

  it('shows how many, but not which', () => {
    expect(sanitizeFields({ devices: 3, rejected: 1 })).toEqual({ devices: 3, rejected: 1 });
    expect(sanitizeFields({ devices: [SENTINEL], rejected: SENTINEL, pushkey: 5, content: true })).toEqual({
      devices: REDACTED,
      rejected: REDACTED,
      pushkey: REDACTED,
      content: REDACTED,
    });
  });

  it('leaves the fields of an ordinary line as they are', () => {
    const line = {
      request_id: 'a',
      status: 200,
      app: 'com.example.*',
      device_hash: 'ab12',
      duration_ms: 1.5,
      reason: 'BadDeviceToken',
    };
    expect(sanitizeFields(line)).toEqual(line);
  });

  it('does not follow cycles or getters that throw', () => {
    const cyclic: Record<string, unknown> = {
      get broken() {
        throw new Error(SENTINEL);
      },
    };
    cyclic.self = cyclic;
    const written = JSON.stringify(sanitizeFields({ cyclic }));
    expect(written).toContain('[nested]');
    expect(written).toContain('[unreadable]');
    expect(written).not.toContain(SENTINEL);
  });

  it('bounds a line, however wide the value', () => {
    const wide = Array.from({ length: 100_000 }, (_, index) => ({ index }));
    expect(JSON.stringify(sanitizeFields({ wide })).length).toBeLessThan(10_000);
    expect(String(sanitizeFields({ reason: 'x'.repeat(500_000) }).reason)).toHaveLength(MAX_FIELD_CHARS + 1);
  });

  it('keeps keys, certificates, binary and collections out under any name', () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nMIG\n-----END PRIVATE KEY-----';
    expect(sanitizeFields({ found: pem, bytes: Buffer.from(SENTINEL), seen: new Map([[SENTINEL, 1]]) })).toEqual({
      found: REDACTED,
      bytes: '[binary, 27 bytes]',
      seen: '[1 entries]',
    });
  });

  it('does not write the names that pino writes a second time', () => {
    expect(sanitizeFields({ level: 'x', time: 1, msg: 'y' })).toEqual({
      field_level: 'x',
      field_time: 1,
      field_msg: 'y',
    });
  });

  it('treats __proto__ as a name', () => {
    const fields = JSON.parse(`{"a":{"__proto__":{"pushkey":"${SENTINEL}"}}}`) as object; // JSON.parse is typed any
    expect(JSON.stringify(sanitizeFields(fields))).toBe(`{"a":{"__proto__":{"pushkey":"${REDACTED}"}}}`);
  });

  it('does not compile with a name that could carry a secret', () => {
    // @ts-expect-error a pushkey
    const pushkey: LogFields = { pushkey: SENTINEL };
    // @ts-expect-error also in camel case
    const payload: LogFields = { defaultPayload: {} };
    // @ts-expect-error which devices, not how many
    const devices: LogFields = { devices: [SENTINEL] };
    const fine: LogFields = { devices: 2, app: 'com.example.ios', error: new Error('x') };
    expect([pushkey, payload, devices, fine]).toHaveLength(4);
  });
});
