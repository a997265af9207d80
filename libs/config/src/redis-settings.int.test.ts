import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { makeTlsFiles } from '@reveille/testing';

import { APP, configFolder } from './config-folder.fixture';
import { namesRedis, redisAddress } from './index';

const { folder, write, load, settingsOf, problemsOf } = configFolder();

const addressOf = (file: string, redisUrl?: string) =>
  redisAddress(settingsOf(`${file}\n${APP}`), { redisUrl, baseDirectory: folder() });
const complaints = (file: string, environment = {}) =>
  problemsOf(`${file}\n${APP}`, environment).map(({ path, message }) => [path, message]);

const EXACTLY_ONE = 'keep exactly one of url, cluster, sentinels';

test('no place: an embedded server is meant', () => {
  expect(addressOf('')).toBeUndefined();
  expect(namesRedis(settingsOf(APP))).toBe(false);
  expect(namesRedis(settingsOf(`redis: { cluster: ['a:1'] }\n${APP}`))).toBe(true);
});

test('a cluster', () => {
  expect(addressOf("redis: { cluster: ['redis-1:6379', 'redis://10.0.0.1:7000', '[::1]:7001'], username: u, password: p }")).toEqual({
    cluster: [
      { host: 'redis-1', port: 6379 },
      { host: '10.0.0.1', port: 7000 },
      { host: '::1', port: 7001 },
    ],
    username: 'u',
    password: 'p',
  });
});

test('sentinels, with a password of their own, also from a file', () => {
  const sentinels = [{ host: 's', port: 26379 }];
  expect(addressOf("redis: { sentinels: ['s:26379'], name: mymaster }")).toEqual({ sentinels, name: 'mymaster' });
  write('of the sentinels\n', 'secret');
  expect(
    addressOf("redis: { sentinels: ['s:26379'], name: mymaster, sentinel_username: su, sentinel_password_file: secret }"),
  ).toEqual({ sentinels, name: 'mymaster', sentinelUsername: 'su', sentinelPassword: 'of the sentinels' });
});

test.each([
  ["{ url: 'rediss://h' }", true],
  ["{ url: 'redis://h', tls: true }", true],
  ["{ cluster: ['rediss://h:1', 'rediss://i:1'] }", true],
  ["{ cluster: ['h:1'], tls: true }", true],
  ["{ sentinels: ['h:1'], name: m, tls: true }", true],
  ["{ sentinels: ['rediss://h:1'], name: m }", true],
  ["{ url: 'redis://h' }", false],
  ["{ cluster: ['h:1'] }", false],
])('%s: TLS %s', (redis, tls) => {
  expect(addressOf(`redis: ${redis}`)).toEqual(tls ? expect.objectContaining({ tls: {} }) : expect.not.objectContaining({ tls: {} }));
});

test.each([
  ["{ url: 'redis://h', cluster: ['a:1'] }", [['redis.cluster', `stands beside \`url\`: ${EXACTLY_ONE}`]]],
  ["{ cluster: ['a:1'], sentinels: ['a:1'], name: m }", [['redis.sentinels', `stands beside \`cluster\`: ${EXACTLY_ONE}`]]],
  ["{ sentinels: ['a:1'] }", [['redis.name', 'is required beside `sentinels`']]],
  ['{ name: m }', [['redis.name', 'belongs to `sentinels`, which are not set']]],
  ["{ url: 'redis://h', sentinel_password: p }", [['redis.sentinel_password', 'belongs to `sentinels`, which are not set']]],
  ["{ cluster: ['rediss://a:1', 'b:1'] }", [['redis.cluster', 'must be all with TLS (rediss://) or all without']]],
  ["{ url: 'rediss://h', tls: false }", [['redis.tls', 'contradicts rediss://']]],
  ['{ cluster: [] }', [['redis.cluster', 'must have at least 1 entries']]],
  ['{ wait_for_replicas: -1 }', [['redis.wait_for_replicas', 'must be at least 0']]],
])('%s is refused', (redis, expected) => {
  expect(complaints(`redis: ${redis}`)).toEqual(expected);
});

test.each(['redis-1', 'a:0', 'a:65536', 'http://a:1', 'user:password@a:1', 'redis://:password@a:1', 'a:1/0', '', 'a b:1'])(
  '%j is no node',
  (node) => {
    expect(complaints(`redis: { cluster: [${JSON.stringify(node)}] }`)).toEqual([
      ['redis.cluster[0]', expect.stringContaining('must be host:port')],
    ]);
  },
);

test('a password that was written into a node is not shown', () => {
  const problems = problemsOf(`redis: { cluster: ['redis://user:SENTINEL@a:1'] }\n${APP}`);
  expect(problems).toHaveLength(1);
  expect(JSON.stringify(problems)).not.toContain('SENTINEL');
});

describe('the environment', () => {
  const SENTINELS = `redis: { sentinels: ['s:1'], name: m, sentinel_password: p, prefix: x }\n${APP}`;

  test.each([
    [{ REDIS_URL: 'redis://e' }],
    [{ REVEILLE_REDIS__URL: 'redis://e' }],
    [{ REDIS_URL: 'redis://other', REVEILLE_REDIS_URL: 'redis://e' }],
  ])('%j replaces whatever the file names', (environment) => {
    const settings = settingsOf(SENTINELS, environment);
    expect(redisAddress(settings, { baseDirectory: folder() })).toEqual({ url: 'redis://e' });
    expect(settings.redis.prefix).toBe('x');
    const cluster = settingsOf(`redis: { cluster: ['c:1'] }\n${APP}`, environment);
    expect(redisAddress(cluster, { baseDirectory: folder() })).toEqual({ url: 'redis://e' });
  });

  test('takes lists with commas, which replace a URL and REDIS_URL', () => {
    const environment = { REVEILLE_REDIS__CLUSTER: 'a:1, b:2', REDIS_URL: 'redis://platform' };
    expect(redisAddress(settingsOf(`redis: { url: 'redis://f' }\n${APP}`, environment), { baseDirectory: folder() })).toEqual({
      cluster: [
        { host: 'a', port: 1 },
        { host: 'b', port: 2 },
      ],
    });
  });

  test('replaces the Sentinels and keeps their name', () => {
    expect(redisAddress(settingsOf(SENTINELS, { REVEILLE_REDIS__SENTINELS: 't:2' }), { baseDirectory: folder() })).toEqual({
      sentinels: [{ host: 't', port: 2 }],
      name: 'm',
      sentinelPassword: 'p',
    });
  });

  test('two places of ours are a problem', () => {
    const environment = { REVEILLE_REDIS__CLUSTER: 'a:1', REVEILLE_REDIS__URL: 'redis://h' };
    expect(complaints('', environment)).toEqual([['redis.cluster', `stands beside \`url\`: ${EXACTLY_ONE}`]]);
  });
});

test('the command line wins, as it is written', () => {
  expect(addressOf("redis: { cluster: ['rediss://c:1'] }", 'redis://h')).toEqual({ url: 'redis://h' });
  expect(addressOf("redis: { cluster: ['c:1'] }", 'rediss://h')).toEqual({ url: 'rediss://h', tls: {} });
});

describe('credentials belong to the server that they are configured beside', () => {
  const CREDENTIALS = 'username: u, password: SENTINEL, cert_file: tls/cert.pem, key_file: tls/key.pem, ca_file: tls/ca.pem';
  const pem = expect.stringMatching(/^-----BEGIN /) as string;
  const own = { username: 'u', password: 'SENTINEL', tls: { ca: pem, cert: pem, key: pem } };
  beforeEach(() => makeTlsFiles(folder()));

  test.each([
    ["url: 'rediss://h'", 'rediss://other', false],
    ["url: 'rediss://h'", 'rediss://h:6380', false],
    ["url: 'rediss://h'", 'rediss://h:6379/3', true],
    ["url: 'rediss://H:6379'", 'rediss://h', true],
    ["cluster: ['rediss://a:1', 'rediss://b:2']", 'rediss://b:2', true],
    ["cluster: ['rediss://a:1']", 'rediss://a:2', false],
    ["cluster: ['rediss://[::1]:1']", 'rediss://[::1]:1', true],
    // The Sentinels' own addresses are none of a server.
    ["sentinels: ['rediss://s:26379'], name: m", 'rediss://s:26379', false],
  ])('%s, but %s is named: %s', (place, url, isOwn) => {
    const expected = isOwn ? { url, ...own } : { url, tls: { ca: pem } };
    const file = `redis: { ${place}, ${CREDENTIALS} }`;
    expect(addressOf(file, url)).toEqual(expected);
    for (const variable of ['REDIS_URL', 'REVEILLE_REDIS__URL']) {
      expect(redisAddress(settingsOf(`${file}\n${APP}`, { [variable]: url }), { baseDirectory: folder() })).toEqual(expected);
    }
  });

  test('a password that is meant for TLS is not sent in the clear', () => {
    const file = "redis: { url: 'rediss://h', password: SENTINEL }";
    expect(addressOf(file, 'redis://h')).toEqual({ url: 'redis://h' });
    expect(redisAddress(settingsOf(`${file}\n${APP}`, { REDIS_URL: 'redis://h' }), { baseDirectory: folder() })).toEqual({ url: 'redis://h' });
  });

  test('beside none they are for whichever is named', () => {
    const file = 'redis: { username: u, password: SENTINEL }';
    const expected = { url: 'redis://h', username: 'u', password: 'SENTINEL' };
    expect(addressOf(file, 'redis://h')).toEqual(expected);
    expect(redisAddress(settingsOf(`${file}\n${APP}`, { REDIS_URL: 'redis://h' }), { baseDirectory: folder() })).toEqual(expected);
  });

  test('those of the environment go with its address, those of the file do not, nor do those from files', () => {
    write('SENTINEL', 'secret');
    const settings = settingsOf(`redis: { url: 'redis://h', username: u, password_file: secret }\n${APP}`, {
      REDIS_URL: 'redis://other',
      REVEILLE_REDIS__PASSWORD: 'p',
    });
    expect(redisAddress(settings, { baseDirectory: folder() })).toEqual({ url: 'redis://other', password: 'p' });
    const without = settingsOf(`redis: { url: 'redis://h', username: u, password_file: secret }\n${APP}`, { REDIS_URL: 'redis://other' });
    expect(redisAddress(without, { baseDirectory: folder() })).toEqual({ url: 'redis://other' });
  });
});

describe('the files of TLS', () => {
  test('are read, relative to the configuration', async () => {
    await makeTlsFiles(folder());
    const address = addressOf("redis: { url: 'rediss://h', ca_file: tls/ca.pem, cert_file: tls/cert.pem, key_file: tls/key.pem }");
    const pem = expect.stringMatching(/^-----BEGIN /) as string;
    expect(address).toEqual({ url: 'rediss://h', tls: { ca: pem, cert: pem, key: pem } });
  });

  test('what is wrong with them is said', async () => {
    await makeTlsFiles(folder());
    await makeTlsFiles(folder(), 'other');
    mkdirSync(join(folder(), 'directory'));
    writeFileSync(join(folder(), 'garbage'), 'SENTINEL');
    const tls = (files: string) => complaints(`redis: { url: 'rediss://h', ${files} }`);
    expect(tls('ca_file: absent')).toEqual([['redis.ca_file', 'does not exist']]);
    expect(tls('ca_file: directory')).toEqual([['redis.ca_file', 'cannot be read (EISDIR)']]);
    expect(tls('ca_file: garbage')).toEqual([['redis.ca_file', 'holds no certificate in PEM format']]);
    expect(tls('cert_file: tls/cert.pem, key_file: garbage')).toEqual([
      ['redis.key_file', 'holds no private key in PEM format without a passphrase'],
    ]);
    expect(tls('cert_file: tls/cert.pem, key_file: other/key.pem')).toEqual([['redis.key_file', 'is not the key of `cert_file`']]);
    expect(tls('cert_file: tls/cert.pem')).toEqual([['redis.key_file', 'is required beside `cert_file`']]);
    expect(JSON.stringify(problemsOf(`redis: { url: 'rediss://h', ca_file: garbage }\n${APP}`))).not.toContain('SENTINEL');
  });

  test('mean nothing without TLS, which is said rather than passed over', async () => {
    await makeTlsFiles(folder());
    expect(complaints("redis: { cluster: ['a:1'], ca_file: tls/ca.pem }")).toEqual([
      ['redis.ca_file', 'is for TLS, which is off: write rediss:// or `tls: true`'],
    ]);
  });

  test('a key that others may read is a warning', async () => {
    const { key } = await makeTlsFiles(folder());
    chmodSync(key, 0o644);
    expect(load(`redis: { url: 'rediss://h', cert_file: tls/cert.pem, key_file: tls/key.pem }\n${APP}`)).toMatchObject({
      ok: true,
      warnings: [{ path: 'redis.key_file', message: 'may be read by others (mode 644)' }],
    });
  });
});
