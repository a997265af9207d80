import { proxyFor } from './proxy';

const APPLE = 'https://api.push.apple.com';
const environment = {
  HTTPS_PROXY: 'http://proxy:3128',
  NO_PROXY: 'localhost,127.0.0.1, .internal example.org:8443 [::1]',
};

test.each([
  [APPLE, 'http://proxy:3128'],
  ['https://localhost:2197', undefined],
  ['https://127.0.0.1:2197', undefined],
  ['https://[::1]:2197', undefined],
  ['https://push.internal', undefined],
  ['https://internal.example.com', 'http://proxy:3128'],
  ['https://example.org:8443', undefined],
  ['https://example.org', 'http://proxy:3128'],
  ['https://notlocalhost', 'http://proxy:3128'],
])('%s goes by %s', (origin, proxy) => {
  expect(proxyFor(origin, undefined, environment)).toBe(proxy);
});

test('what is configured wins over the environment, NO_PROXY included', () => {
  expect(proxyFor('https://localhost:2197', 'http://other:1', environment)).toBe('http://other:1');
  expect(proxyFor(APPLE, 'none', environment)).toBeUndefined();
});

test('the environment by other names and forms', () => {
  const both = { https_proxy: 'http://lower:1', HTTPS_PROXY: 'http://upper:1' };
  expect(proxyFor(APPLE, undefined, both)).toBe('http://lower:1');
  expect(proxyFor(APPLE, undefined, { HTTPS_PROXY: 'proxy:3128' })).toBe('http://proxy:3128');
  expect(proxyFor(APPLE, undefined, { HTTPS_PROXY: 'http://proxy:1', NO_PROXY: '*' })).toBeUndefined();
  expect(proxyFor(APPLE, undefined, { HTTPS_PROXY: '' })).toBeUndefined();
  expect(proxyFor(APPLE, undefined, {})).toBeUndefined();
});
