import { redactSettings } from './redact-settings';
import { shorten } from './shorten';

test('what is printed holds no secret', () => {
  const settings = {
    redis: { url: 'redis://user:SENTINEL@host:6379/1?password=SENTINEL', password: 'SENTINEL', prefix: 'reveille' },
    proxy: 'http://me:SENT/INEL@proxy:3128',
    privacy: { hash_key: 'SENTINEL', hash_key_file: 'key.txt' },
    apps: {
      'com.example': {
        keyfile: '-----BEGIN PRIVATE KEY-----\nSENTINEL',
        api_key: 'SENTINEL',
        key_id: 'ABC',
        topic: 'x',
        nothing: undefined,
      },
    },
    admin: { tokens: ['SENTINEL'], users: [{ name: 'a', password_hash: 'b' }] },
    http: { port: 5000, bind_addresses: ['::1'] },
  };
  const redacted = redactSettings(settings);
  expect(JSON.stringify(redacted)).not.toMatch(/SENT|INEL/);
  expect(redacted).toMatchObject({
    redis: { url: 'redis://***@host:6379/1?***', prefix: 'reveille' },
    privacy: { hash_key_file: 'key.txt' },
    apps: { 'com.example': { key_id: 'ABC', topic: 'x' } },
    http: { port: 5000, bind_addresses: ['::1'] },
  });
});

test.each([
  ['x'.repeat(50), `"${'x'.repeat(40)}…"`],
  ['😀'.repeat(50), `"${'😀'.repeat(40)}…"`],
  ['a\nb', '"a\\nb"'],
  [undefined, 'nothing'],
  [null, 'nothing'],
  [[1, 2], 'a list of 2'],
  [{ a: 1 }, 'a mapping'],
  [true, 'true'],
  ['user:pass@host', '"***@host"'],
  ['{"private_key": "x"}', '(hidden)'],
])('%j is shown as %s', (value, shown) => {
  expect(shorten(value)).toBe(shown);
});
