import fc from 'fast-check';
import { checkRequest } from './check-request';
import type { TransportRequest } from './transport';

const REQUEST: TransportRequest = { method: 'POST', path: '/3/device/00ff', headers: {}, body: '', timeoutMs: 1 };

describe('checkRequest', () => {
  test('passes what APNs and FCM get', () => {
    const headers = {
      'apns-topic': 'com.example.app',
      authorization: 'bearer a.b-c_d',
      'apns-id': '0000-11',
      'content-type': 'application/json',
    };
    expect(checkRequest({ ...REQUEST, headers })).toBeUndefined();
  });

  test.each<[string, Partial<TransportRequest>]>([
    ['an upper-case name', { headers: { Authorization: 'x' } }],
    ['an empty name', { headers: { '': 'x' } }],
    ['a pseudo-header', { headers: { ':authority': 'x' } }],
    ['a space in a name', { headers: { 'a b': 'x' } }],
    ['a header of the connection', { headers: { connection: 'close' } }],
    ['a line break in a value', { headers: { 'apns-collapse-id': 'a\r\nb' } }],
    ['a NUL in a value', { headers: { 'apns-collapse-id': '\0' } }],
    ['a letter that is not ASCII', { headers: { 'apns-collapse-id': 'ü' } }],
    ['a space in the path', { path: '/3/device/ x' }],
    ['an empty path', { path: '' }],
    ['an endless path', { path: `/3/device/${'a'.repeat(16 * 1024)}` }],
    ['endless headers', { headers: { a: 'a'.repeat(8 * 1024), b: 'b'.repeat(8 * 1024) } }],
    ['a path without a slash', { path: '3/device' }],
  ])('refuses %s without showing it', (_name, change) => {
    expect(checkRequest({ ...REQUEST, ...change })).toMatchObject({ ok: false, kind: 'protocol', sent: false });
  });

  test('no failure text holds anything of a value or the path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 8 }), (secret) => {
        const failures = [
          checkRequest({ ...REQUEST, path: `/${secret}` }),
          checkRequest({ ...REQUEST, headers: { 'apns-id': secret } }),
        ];
        for (const failure of failures) expect(failure?.message ?? '').not.toContain(secret);
      }),
    );
  });
});
