import { bindAddress, bindAddresses, port, proxyUrl, redisUrl, trustProxy } from './scalars';

const accepts = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success;

test.each(['127.0.0.1', '::', '::1', 'localhost', 'redis_1', 'a-b.example.com'])('%s is a place to listen', (value) => {
  expect(accepts(bindAddress(''), value)).toBe(true);
});

test.each(['', '[::1]', '127.0.0.1:80', '256.1.1.1', '1.2.3', 'a b', '-a', 'a..b', `${'a.'.repeat(200)}b`, 5])(
  '%j is no place to listen',
  (value) => {
    expect(accepts(bindAddress(''), value)).toBe(false);
  },
);

test('addresses as a list or with commas', () => {
  expect(bindAddresses('').parse('127.0.0.1, ::1')).toEqual(['127.0.0.1', '::1']);
  expect(bindAddresses('').parse(['::'])).toEqual(['::']);
  expect(accepts(bindAddresses(''), [])).toBe(false);
});

test.each([
  [true, true],
  [false, false],
  [2, 2],
  ['10.0.0.0/8', ['10.0.0.0/8']],
  ['loopback, fd00::/8', ['loopback', 'fd00::/8']],
  [['10.1.2.3'], ['10.1.2.3']],
])('proxies %j are trusted', (value, trusted) => {
  expect(trustProxy('').parse(value)).toEqual(trusted);
});

test.each([-1, 1.5, 'yes', '10.0.0.0/33', '::/129', '10.0.0.0/8/8', '10.0.0.0/', [], null, {}])(
  'proxies %j are not understood',
  (value) => {
    expect(accepts(trustProxy(''), value)).toBe(false);
  },
);

test('ports and URLs', () => {
  expect([0, 65_535].map((value) => accepts(port(''), value))).toEqual([true, true]);
  expect([-1, 65_536, 1.5, '80'].map((value) => accepts(port(''), value))).toEqual([false, false, false, false]);
  const redis = ['redis://h', 'rediss://u:p@h:1/2', 'http://h', 'h:6379', 'redis://', ''];
  expect(redis.map((value) => accepts(redisUrl(''), value))).toEqual([true, true, false, false, false, false]);
  const proxies = ['http://u:p@h:1', 'none', 'https://h', 'socks5://h', 'h:3128'];
  expect(proxies.map((value) => accepts(proxyUrl(''), value))).toEqual([true, true, false, false, false]);
});
