import fc from 'fast-check';
import { proxyFor } from './proxy-for';
import type { ProxyEnvironment } from './proxy-for';

const APNS = 'https://api.push.apple.com:443';
const PROXY = 'http://proxy.example:3128';

describe('proxyFor', () => {
  test.each<[string, string | undefined, ProxyEnvironment, string | undefined]>([
    ['nothing set', undefined, {}, undefined],
    ['configured', PROXY, {}, PROXY],
    ['configured wins over the environment', PROXY, { HTTPS_PROXY: 'http://other:1' }, PROXY],
    ['configured wins over NO_PROXY', PROXY, { NO_PROXY: '*' }, PROXY],
    ['configured as none', '', { HTTPS_PROXY: PROXY }, undefined],
    ['configured without a scheme', 'proxy.example:3128', {}, PROXY],
    ['HTTPS_PROXY', undefined, { HTTPS_PROXY: PROXY }, PROXY],
    ['https_proxy', undefined, { https_proxy: PROXY }, PROXY],
    ['lower case first', undefined, { https_proxy: PROXY, HTTPS_PROXY: 'http://other:1' }, PROXY],
    ['empty lower case does not hide the upper case', undefined, { https_proxy: '', HTTPS_PROXY: PROXY }, PROXY],
    ['without a scheme', undefined, { HTTPS_PROXY: 'proxy.example:3128' }, PROXY],
    ['lower-case no_proxy first', undefined, { HTTPS_PROXY: PROXY, no_proxy: 'x.example', NO_PROXY: '*' }, PROXY],
  ])('%s', (_name, configured, environment, expected) => {
    expect(proxyFor(APNS, configured, environment)).toBe(expected);
  });

  test.each<[string, string, boolean]>([
    ['*', APNS, true],
    ['api.push.apple.com', APNS, true],
    ['API.Push.Apple.Com', APNS, true],
    ['api.push.apple.com.', APNS, true],
    ['apple.com', APNS, true],
    ['.apple.com', APNS, true],
    ['*.apple.com', APNS, true],
    ['ple.com', APNS, false],
    ['apple.com.example', APNS, false],
    ['push.apple.com:443', APNS, true],
    ['push.apple.com:2197', APNS, false],
    ['push.apple.com:2197', 'https://api.push.apple.com:2197', true],
    ['a.example, apple.com', APNS, true],
    ['a.example apple.com', APNS, true],
    [' , ,', APNS, false],
    ['.', APNS, false],
    ['*.', APNS, false],
    ['127.0.0.1', 'https://127.0.0.1:2197', true],
    ['0.0.1', 'https://127.0.0.1:2197', false],
    ['127.0.0.1:2197', 'https://127.0.0.1:2197', true],
    ['127.0.0.0/8', 'https://127.0.0.1:2197', true],
    ['10.0.0.0/8', 'https://127.0.0.1:2197', false],
    ['10.0.0.0/8', APNS, false],
    ['10.0.0.0/99', 'https://10.0.0.1', false],
    ['10.0.0.0/', 'https://10.0.0.1', false],
    ['::1', 'https://[::1]:2197', true],
    ['[::1]', 'https://[::1]:2197', true],
    ['[::1]:2197', 'https://[::1]:2197', true],
    ['[::1]:1', 'https://[::1]:2197', false],
    ['fd00::/8', 'https://[fd12::1]', true],
    ['fd00::/8', 'https://[fe80::1]', false],
  ])('NO_PROXY=%p exempts %s: %p', (noProxy, origin, exempt) => {
    expect(proxyFor(origin, undefined, { HTTPS_PROXY: PROXY, NO_PROXY: noProxy })).toBe(exempt ? undefined : PROXY);
  });

  test('whatever NO_PROXY holds, the answer is the proxy or none', () => {
    const entry = fc.oneof(
      fc.string(),
      fc.ipV4(),
      fc.ipV6(),
      fc.domain(),
      fc.stringMatching(/^[[\]:/.*,0-9a-f]{0,20}$/),
    );
    fc.assert(
      fc.property(fc.array(entry), fc.constantFrom(',', ' '), (entries, separator) => {
        expect([PROXY, undefined]).toContain(
          proxyFor('https://[::1]:2197', undefined, { HTTPS_PROXY: PROXY, NO_PROXY: entries.join(separator) }),
        );
      }),
    );
  });
});
