import { APP, configFolder } from './config-folder.fixture';
import type { Environment } from './index';

const { settingsOf, problemsOf } = configFolder();

test.each([
  [{ REVEILLE_HTTP__PORT: '8080' }, { http: { port: 8080 } }],
  [{ REVEILLE_HTTP_PORT: '8080' }, { http: { port: 8080 } }],
  [{ REVEILLE_METRICS_PORTS_ADMIN: '0' }, { metrics: { ports: { admin: 0 } } }],
  [{ REVEILLE_HTTP__TRUST_PROXY: 'true' }, { http: { trust_proxy: true } }],
  [{ REVEILLE_HTTP__TRUST_PROXY: '1' }, { http: { trust_proxy: 1 } }],
  [{ REVEILLE_HTTP__TRUST_PROXY: '10.0.0.0/8,::1' }, { http: { trust_proxy: ['10.0.0.0/8', '::1'] } }],
  [{ REVEILLE_HTTP__BIND_ADDRESSES: '["::", "0.0.0.0"]' }, { http: { bind_addresses: ['::', '0.0.0.0'] } }],
  [{ REVEILLE_MAX_AGE_EVENT: '90' }, { max_age: { event: 90_000 } }],
  [{ REVEILLE_REDIS__PASSWORD: '0123' }, { redis: { password: '0123' } }],
  [{ REVEILLE_REDIS__PASSWORD: '# a: [' }, { redis: { password: '# a: [' } }],
  [{ REVEILLE_UNKNOWN_APP: 'accept' }, { unknown_app: 'accept' }],
  [{ REVEILLE_PROXY: 'http://p:1' }, { proxy: 'http://p:1' }],
  [{ REDIS_URL: 'redis://a' }, { redis: { url: 'redis://a' } }],
  [{ REDIS_URL: 'redis://a', REVEILLE_REDIS_URL: 'redis://b' }, { redis: { url: 'redis://b' } }],
  [{ REVEILLE_HTTP_PORT: '' }, { http: { port: 5000 } }],
])('%j', (environment: Environment, settings) => {
  expect(settingsOf(APP, environment)).toMatchObject(settings);
});

test.each([
  ['KEY_ID', '0123456789', { key_id: '0123456789' }],
  ['MAX_AGE__EVENT', '2h', { max_age: { event: 7_200_000 } }],
  ['CONCURRENCY', '5', { concurrency: 5 }],
])('%s of an app', (key, value, app) => {
  const environment = { [`REVEILLE_APPS__com.example.ios__${key}`]: value };
  expect(settingsOf(APP, environment).apps).toMatchObject({ 'com.example.ios': app });
});

test('an app id may hold two underscores', () => {
  const file = 'apps:\n  a__b:\n    type: apns\n    topic: t\n';
  expect(settingsOf(file, { REVEILLE_APPS__a__b__TOPIC: 'u' }).apps).toEqual({ a__b: { type: 'apns', topic: 'u' } });
});

test('variables that are no settings are left alone', () => {
  const environment = {
    REVEILLE_CONFIG: '',
    REVEILLE_TEST_REDIS: 'x',
    REVEILLE_PORT: 'tcp://10.0.0.1:5000',
    REVEILLE_HTTP_PORT: 'tcp://10.0.0.1:5000',
    REVEILLE_SERVICE_HOST: '10.0.0.1',
    REVEILLE_INGRESS_SERVICE_PORT_HTTP: '5000',
    REVEILLE_PORT_5000_TCP_ADDR: '10.0.0.1',
    PATH: '/bin',
  };
  expect(settingsOf(APP, environment).http.port).toBe(5000);
});

test('a mistyped variable is a problem with a suggestion', () => {
  const environment = { REVEILLE_HTPP__PORT: '1', REVEILLE_APPS_x_TOPIC: 'y', REVEILLE_CONFG: 'z' };
  expect(problemsOf(APP, environment)).toMatchObject([
    { variable: 'REVEILLE_HTPP__PORT', suggestion: 'REVEILLE_HTTP__PORT' },
    { variable: 'REVEILLE_APPS_x_TOPIC', example: 'REVEILLE_APPS__com.example.ios__TOPIC=com.example.app' },
    { variable: 'REVEILLE_CONFG', suggestion: 'REVEILLE_CONFIG' },
  ]);
});

test('what an app of the environment lacks is shown as its own variable', () => {
  expect(problemsOf(APP, { 'REVEILLE_APPS__b.c__TYPE': 'apns' })).toMatchObject([
    {
      path: 'apps["b.c"].topic',
      variable: 'REVEILLE_APPS__b.c__TYPE',
      example: 'REVEILLE_APPS__b.c__TOPIC=com.example.app',
    },
  ]);
});

test('a wrong value is reported with its variable', () => {
  expect(problemsOf(APP, { REVEILLE_HTTP_PORT: 'eighty' })).toEqual([
    {
      path: 'http.port',
      variable: 'REVEILLE_HTTP_PORT',
      found: '"eighty"',
      message: 'must be a number',
      example: 'REVEILLE_HTTP_PORT=5000',
    },
  ]);
  expect(problemsOf(APP, { 'REVEILLE_APPS__com.y__TOPIC': 't' })).toMatchObject([
    { path: 'apps["com.y"].type', variable: 'REVEILLE_APPS__com.y__TOPIC' },
  ]);
});
