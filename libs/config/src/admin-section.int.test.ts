import { APP, configFolder } from './config-folder.fixture';
import { hasAdminLogin, hashPassword, redactSettings, SERVE_PASSWORD_VARIABLE } from './index';

const { write, settingsOf, problemsOf } = configFolder();

const TOKEN = 'SENTINEL-of-a-token';
let hash: string;

beforeAll(async () => {
  hash = await hashPassword('correct horse');
});

function withAdmin(keys: object): string {
  // JSON is YAML.
  return `admin: ${JSON.stringify(keys)}\n${APP}`;
}

test('the admin lets nobody in by default, and listens on loopback', () => {
  const { admin } = settingsOf(APP);
  expect(admin).toEqual({
    bind_address: '127.0.0.1',
    port: 5001,
    users: [],
    tokens: [],
    trusted_header_role: 'viewer',
    trusted_proxies: ['loopback'],
    session_ttl: 12 * 3_600_000,
  });
  expect(hasAdminLogin(admin)).toBe(false);
});

test('users, tokens with their files, and a trusted header', () => {
  write(`${TOKEN}\n`, 'token');
  const { admin } = settingsOf(
    withAdmin({
      users: [{ name: 'alice@example.com', role: 'operator', password_hash: hash }, { name: 'Zoë', role: 'viewer' }],
      tokens: [{ name: 'ci', role: 'viewer', token_file: 'token' }, { name: 'other', role: 'operator', token: `${TOKEN}-2` }],
      trusted_header: 'X-Forwarded-User',
      trusted_proxies: ['10.0.0.0/8'],
      session_ttl: '1h',
      public_url: 'https://push.example.com',
    }),
  );
  expect(admin).toMatchObject({
    users: [{ name: 'alice@example.com', role: 'operator', password_hash: hash }, { name: 'Zoë', role: 'viewer' }],
    tokens: [{ name: 'ci', role: 'viewer', token: TOKEN }, { name: 'other', role: 'operator', token: `${TOKEN}-2` }],
    session_ttl: 3_600_000,
  });
  expect(hasAdminLogin(admin)).toBe(true);
  expect(JSON.stringify(redactSettings(admin))).not.toMatch(/SENTINEL|scrypt/);
});

test.each([{ users: [{ name: 'a', role: 'viewer' }] }, { tokens: [{ name: 'a', role: 'viewer', token: TOKEN }] }, { trusted_header: 'X-User' }])(
  'a way in: %j',
  (keys) => expect(hasAdminLogin(settingsOf(withAdmin(keys)).admin)).toBe(true),
);

test.each<[object, string, string]>([
  [{ users: [{ name: 'a', role: 'root' }] }, 'admin.users[0].role', ''],
  [{ users: [{ name: 'a', role: 'viewer', password_hash: 'correct horse' }] }, 'admin.users[0].password_hash', 'reveille hash-password'],
  [{ users: [{ name: 'a', role: 'viewer', password: 'correct horse' }] }, 'admin.users[0].password', ''],
  [{ users: [{ name: 'a\nb', role: 'viewer' }] }, 'admin.users[0].name', 'letters'],
  [{ users: [{ name: 'a', role: 'viewer' }, { name: 'a', role: 'operator' }] }, 'admin.users', 'different names'],
  [{ tokens: [{ name: 'a', role: 'viewer' }] }, 'admin.tokens[0].token_file', 'is required'],
  [{ tokens: [{ name: 'a', role: 'viewer', token: 'SENTINEL' }] }, 'admin.tokens[0].token', '16 characters'],
  [{ tokens: [{ name: 'a', role: 'viewer', token_file: 'absent' }] }, 'admin.tokens[0].token_file', 'does not exist'],
  [{ tokens: [{ name: 'a', role: 'viewer', token_file: 'short' }] }, 'admin.tokens[0].token_file', '16 characters'],
  [{ trusted_header: 'Cookie' }, 'admin.trusted_header', 'of its own'],
  [{ trusted_header: 'X User' }, 'admin.trusted_header', 'of its own'],
  [{ trusted_proxies: ['example.com'] }, 'admin.trusted_proxies[0]', 'IP address'],
  [{ session_ttl: '1s' }, 'admin.session_ttl', 'at least'],
  [{ public_url: 'push.example.com' }, 'admin.public_url', 'https://'],
])('%j is refused at %s, without secrets', (keys, path, message) => {
  write('SENTINEL', 'short');
  const problems = problemsOf(withAdmin(keys));
  expect(problems).toHaveLength(1);
  expect(problems[0]?.path).toBe(path);
  expect(problems[0]?.message).toContain(message);
  expect(JSON.stringify(problems)).not.toMatch(/SENTINEL|correct horse/);
});

test('the password of `serve` is no setting, and a list fits into a variable', () => {
  const { admin } = settingsOf(APP, {
    [SERVE_PASSWORD_VARIABLE]: hash,
    REVEILLE_ADMIN__TRUSTED_PROXIES: '10.0.0.1, 10.0.0.2',
    REVEILLE_ADMIN__USERS: `[{ name: a, role: viewer, password_hash: "${hash}" }]`,
  });
  expect(admin).toMatchObject({ trusted_proxies: ['10.0.0.1', '10.0.0.2'], users: [{ name: 'a', password_hash: hash }] });
});
