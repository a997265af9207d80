import { generateKeyPairSync } from 'node:crypto';

import { z } from 'zod';

import { fcmSettingsShape, loadFcmCredentials } from './settings';

const schema = z.strictObject(fcmSettingsShape);
const rsaKey = (modulusLength: number) =>
  generateKeyPairSync('rsa', {
    modulusLength,
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey;
const PRIVATE_KEY = rsaKey(2048);
const ACCOUNT = {
  type: 'service_account',
  project_id: 'my-project',
  private_key_id: 'key-1',
  private_key: PRIVATE_KEY,
  client_email: 'push@my-project.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
};

function load(settings: object, files: Record<string, string> = {}) {
  return loadFcmCredentials(schema.parse({ type: 'fcm', ...settings }), (path) => {
    const text = files[path];
    if (text === undefined) throw Object.assign(new Error(`no such file ${path}`), { code: 'ENOENT' });
    return text;
  });
}
const loadAccount = (text: string) => load({ service_account_file: 'sa.json' }, { 'sa.json': text });
const without = (key: keyof typeof ACCOUNT) => JSON.stringify({ ...ACCOUNT, [key]: undefined });

describe('the settings', () => {
  it('take a sygnal configuration unchanged', () => {
    const pasted = {
      type: 'gcm',
      api_key: 'legacy',
      api_version: 'v1',
      project_id: 'project-id',
      service_account_file: '/path/to/service_account.json',
      send_badge_counts: false,
      max_connections: 20,
      fcm_options: { apns: { payload: { aps: { 'content-available': 1, 'mutable-content': 1, alert: '' } } } },
    };
    expect(schema.parse(pasted)).toEqual({ ...pasted, url: 'https://fcm.googleapis.com:443' });
  });

  it.each<[string, object, (string | number)[]]>([
    ['a url with a path', { url: 'https://localhost/v1' }, ['url']],
    ['a url without TLS', { url: 'http://localhost:2197' }, ['url']],
    ['a token_url without TLS', { token_url: 'http://token.example/token' }, ['token_url']],
    ['a project number with a slash', { project_id: 'a/b' }, ['project_id']],
    ['an option of the legacy API', { fcm_options: { content_available: true } }, ['fcm_options', 'content_available']],
    ['a second recipient', { fcm_options: { topic: 'all' } }, ['fcm_options', 'topic']],
    ['an odd android', { fcm_options: { android: 'high' } }, ['fcm_options', 'android']],
    ['a token', { fcm_options: { token: 'x' } }, ['fcm_options', 'token']],
    ['data', { fcm_options: { data: { a: 'b' } } }, ['fcm_options', 'data']],
    ['data for Android', { fcm_options: { android: { data: {} } } }, ['fcm_options', 'android', 'data']],
    ['a priority', { fcm_options: { android: { priority: 'high' } } }, ['fcm_options', 'android', 'priority']],
    ['the legacy API in camel case', { fcm_options: { timeToLive: 3 } }, ['fcm_options', 'timeToLive']],
    ['a name of Object.prototype', { fcm_options: { constructor: {} } }, ['fcm_options', 'constructor']],
    ['counts that are no boolean', { send_badge_counts: 'yes' }, ['send_badge_counts']],
  ])('refuse %s', (_name, settings, path) => {
    const parsed = schema.safeParse({ type: 'fcm', ...settings });
    expect(parsed.error?.issues.map((issue) => issue.path)).toEqual([path]);
  });

  it('refuse misspelled fields of a message, all of them, with those that there are', () => {
    const options = { androd: {}, android: { colapse_key: 'x', notification: { titel: 'x' } }, apns: { header: {} } };
    const { error } = schema.safeParse({ type: 'fcm', fcm_options: options });
    expect(error?.issues).toMatchObject([
      { path: ['fcm_options', 'androd'], params: { known: expect.arrayContaining(['android', 'apns']) as string[] } },
      {
        path: ['fcm_options', 'android', 'colapse_key'],
        params: { known: expect.arrayContaining(['collapse_key', 'ttl']) as string[] },
      },
      {
        path: ['fcm_options', 'android', 'notification', 'titel'],
        params: { known: expect.arrayContaining(['title']) as string[] },
      },
      { path: ['fcm_options', 'apns', 'header'], params: { known: expect.arrayContaining(['headers']) as string[] } },
    ]);
  });

  it('take every kind of field, in either spelling', () => {
    const fcm_options = {
      notification: { title: 'New message' },
      android: { ttl: '60s', collapseKey: 'x', direct_boot_ok: true, notification: { channelId: 'calls' } },
      apns: { headers: { 'apns-priority': '5' }, payload: { aps: { badge: 1 }, anything: true } },
      webpush: { headers: { Urgency: 'high' }, notification: { any: 1 }, fcm_options: { link: 'https://example.com' } },
      fcmOptions: { analytics_label: 'reveille' },
    };
    expect(schema.parse({ type: 'fcm', fcm_options }).fcm_options).toEqual(fcm_options);
  });

  it('take a token endpoint on this machine without TLS', () => {
    expect(schema.safeParse({ type: 'fcm', token_url: 'http://127.0.0.1:2198/token' }).success).toBe(true);
  });

  it.each(['project_id', 'service_account_file', 'ca_file', 'token_url'] as const)('show how %s would be right', (key) => {
    const setting = fcmSettingsShape[key];
    expect(setting.safeParse(setting.meta()?.example)).toEqual({ success: true, data: setting.meta()?.example });
    expect(setting.meta()?.example).toEqual(expect.any(String));
  });

  it('are all described', () => {
    const undescribed = Object.entries(fcmSettingsShape).filter(([, field]) => !field.meta()?.description);
    expect(undescribed).toEqual([]);
  });
});

describe('loadFcmCredentials', () => {
  it('reads a service account', () => {
    expect(loadAccount(JSON.stringify(ACCOUNT))).toEqual({
      credentials: {
        projectId: 'my-project',
        serviceAccount: {
          clientEmail: ACCOUNT.client_email,
          privateKey: PRIVATE_KEY,
          privateKeyId: 'key-1',
          tokenUri: ACCOUNT.token_uri,
          projectId: 'my-project',
        },
      },
      problems: [],
    });
  });

  it('takes the project of the settings before that of the file', () => {
    const files = { 'sa.json': JSON.stringify(ACCOUNT) };
    expect(load({ service_account_file: 'sa.json', project_id: 'other' }, files).credentials?.projectId).toBe('other');
  });

  it("goes to Google's token endpoint if the file names none", () => {
    expect(loadAccount(without('token_uri')).credentials?.serviceAccount?.tokenUri).toBe(ACCOUNT.token_uri);
  });

  it('takes application default credentials without a file', () => {
    expect(load({ project_id: 'my-project' })).toEqual({ credentials: { projectId: 'my-project' }, problems: [] });
  });

  it.each<[string, string, string]>([
    ['not JSON', 'secret {', 'is not JSON'],
    ['no object', '"secret"', 'is not a JSON object'],
    ['another type', JSON.stringify({ ...ACCOUNT, type: 'authorized_user' }), '"type": "service_account"'],
    ['no client_email', without('client_email'), 'no string "client_email"'],
    ['no private_key', without('private_key'), 'no string "private_key"'],
    ['an odd private_key', JSON.stringify({ ...ACCOUNT, private_key: 'secret' }), 'not a private key in PEM form'],
    ['an elliptic private_key', JSON.stringify({ ...ACCOUNT, private_key: ellipticKey() }), 'not an RSA key'],
    ['a short private_key', JSON.stringify({ ...ACCOUNT, private_key: rsaKey(1024) }), 'fewer than 2048 bits'],
    ['a token_uri without TLS', JSON.stringify({ ...ACCOUNT, token_uri: 'http://token.example' }), 'not an https URL'],
  ])('tells of a file with %s, and nothing of its content', (_name, text, message) => {
    const { credentials, problems } = loadAccount(text);
    expect(credentials).toBeUndefined();
    expect(problems).toHaveLength(1);
    expect(problems[0]?.path).toEqual(['service_account_file']);
    expect(problems[0]?.message).toContain(message);
    expect(JSON.stringify(problems)).not.toMatch(/secret|PRIVATE KEY/);
  });

  it('finds every problem at once', () => {
    const { problems } = load({ service_account_file: 'sa.json', ca_file: 'ca.crt' }, { 'ca.crt': 'no certificate' });
    expect(problems.map(({ path, message }) => [path, message])).toEqual([
      [['service_account_file'], 'the file cannot be read (ENOENT)'],
      [['ca_file'], 'the file holds no certificate in PEM form, or a malformed one'],
    ]);
    const both = loadAccount(JSON.stringify({ type: 'service_account' })).problems;
    expect(both).toHaveLength(2);
  });

  it('needs a project', () => {
    expect(loadAccount(without('project_id')).problems.map(({ path }) => path)).toEqual([['project_id']]);
    expect(load({}).problems.map(({ path }) => path)).toEqual([['project_id']]);
  });

  it.each([
    [{ api_key: 'legacy', project_id: 'p' }, 'api_key'],
    [{ api_version: 'legacy', project_id: 'p' }, 'api_version'],
  ])('says that the legacy API is gone: %j', (settings, key) => {
    const { problems } = load(settings);
    expect(problems).toMatchObject([{ path: [key], message: expect.stringContaining('switched off') as string }]);
  });

  it('reads certificates to trust', () => {
    const pem = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
    const { problems } = load({ project_id: 'p', ca_file: 'ca.crt' }, { 'ca.crt': pem });
    expect(problems.map(({ path }) => path)).toEqual([['ca_file']]);
  });
});

function ellipticKey(): string {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'prime256v1',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return privateKey;
}
