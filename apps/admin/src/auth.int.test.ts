import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';

import { hashPassword, SERVE_PASSWORD_VARIABLE } from '@reveille/config';
import { eventually, startTestRedis, type RunningRedis } from '@reveille/testing';

import { connectTest, PASSWORD, startTestAdmin, testUsers, TOKENS, type Answer, type TestAdmin, type TestAdminOptions } from './test-admin.fixture';

/** Passwords are slow by design. Only ever the length of a failure. Milliseconds. */
jest.setTimeout(30_000);

let server: RunningRedis;
let users: Awaited<ReturnType<typeof testUsers>>;
const running: TestAdmin[] = [];

beforeAll(async () => {
  server = await startTestRedis();
  users = await testUsers();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map(({ role }) => role.close()));
  const redis = await connectTest(server.url);
  await redis.flushall();
  redis.disconnect();
});
afterAll(() => server.stop());

async function start(options: Omit<TestAdminOptions, 'url'> = {}): Promise<TestAdmin> {
  const admin = await startTestAdmin({ url: server.url, ...options, admin: { users, ...options.admin } });
  running.push(admin);
  return admin;
}

function logIn(admin: TestAdmin, name = 'alice', password = PASSWORD, headers: Record<string, string> = {}): Promise<Answer> {
  return admin.ask('/api/v1/login', { as: 'nobody', method: 'POST', body: { name, password }, headers });
}

/** What a browser sends back. */
function cookieOf(answer: Answer): string {
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

function asBrowser(admin: TestAdmin, cookie: string): { as: 'nobody'; headers: Record<string, string> } {
  return { as: 'nobody', headers: { cookie, origin: admin.url } };
}

const UNAUTHENTICATED = { status: 401, body: { error: { code: 'unauthenticated' } } };

describe('a password', () => {
  it('gives a session, in a cookie that neither scripts nor other sites get at', async () => {
    const admin = await start();
    const answer = await logIn(admin);
    expect(answer).toMatchObject({ status: 200, body: { name: 'alice', role: 'operator' } });
    expect(answer.headers.get('set-cookie')).toMatch(/^reveille_session=[\w-]{43}; Path=\/; Max-Age=43200; HttpOnly; SameSite=Strict$/);
    const session = await admin.ask('/api/v1/session', asBrowser(admin, cookieOf(answer)));
    expect(session).toMatchObject({ status: 200, body: { name: 'alice', role: 'operator', via: 'password' } });
    expect(session.headers.get('cache-control')).toBe('no-store');
  });

  it('that is wrong, or of nobody, gives none, and does not say which', async () => {
    const admin = await start({ admin: { users: [...users, { name: 'carol', role: 'viewer' }] } });
    const answers = await Promise.all([
      logIn(admin, 'alice', 'wrong'),
      logIn(admin, 'mallory'),
      // Who comes by the proxy only has no password at all.
      logIn(admin, 'carol'),
      logIn(admin, 'carol', ''.padEnd(8)),
    ]);
    for (const answer of answers) {
      expect(answer).toMatchObject({ status: 401, body: { error: { message: 'the name or the password is wrong' } } });
      expect(answer.headers.get('set-cookie')).toBeNull();
    }
    expect(admin.log()).not.toContain('mallory');
    expect(admin.log()).not.toContain(PASSWORD);
  });

  it('may be tried a few times only from one address, and others are not shut out', async () => {
    const admin = await start();
    const from = (address: string) => ({ 'x-forwarded-for': address });
    for (let attempt = 0; attempt < 5; attempt++) expect((await logIn(admin, 'alice', 'wrong', from('192.0.2.1'))).status).toBe(401);
    const refused = await logIn(admin, 'alice', PASSWORD, from('192.0.2.1'));
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'too_many_attempts' } } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await logIn(admin, 'alice', PASSWORD, from('192.0.2.2'))).status).toBe(200);
    expect((await logIn(admin, 'bob', PASSWORD, from('192.0.2.1'))).status).toBe(200);
  });

  it('that was right is not counted', async () => {
    const admin = await start();
    for (let attempt = 0; attempt < 7; attempt++) expect((await logIn(admin)).status).toBe(200);
  });

  it('of `serve` lets its user in, while the configuration lets nobody', async () => {
    const environment = { [SERVE_PASSWORD_VARIABLE]: await hashPassword('made at the start') };
    const alone = await start({ admin: { users: [], tokens: [] }, environment });
    expect(await logIn(alone, 'admin', 'made at the start')).toMatchObject({ status: 200, body: { role: 'operator' } });
    const configured = await start({ environment });
    expect((await logIn(configured, 'admin', 'made at the start')).status).toBe(401);
  });

  it('is asked for in vain when there is no user, and the log says so', async () => {
    const admin = await start({ admin: { users: [], tokens: [] } });
    expect((await logIn(admin)).status).toBe(401);
    expect(admin.log()).toContain('nobody can sign in');
  });
});

describe('a session', () => {
  it('ends with the logout', async () => {
    const admin = await start();
    const browser = asBrowser(admin, cookieOf(await logIn(admin)));
    const out = await admin.ask('/api/v1/logout', { method: 'POST', ...browser });
    expect(out.status).toBe(204);
    expect(out.headers.get('set-cookie')).toMatch(/^reveille_session=; Path=\/; Max-Age=0;/);
    expect(await admin.ask('/api/v1/session', browser)).toMatchObject(UNAUTHENTICATED);
  });

  it('ends by itself', async () => {
    const admin = await start();
    const browser = asBrowser(admin, cookieOf(await logIn(admin)));
    const redis = await connectTest(server.url);
    const [key = ''] = await redis.keys('test:admin:session:*');
    expect(await redis.pttl(key)).toBeGreaterThan(11 * 3_600_000);
    await redis.pexpire(key, 1);
    await eventually(async () => (await redis.exists(key)) === 0);
    redis.disconnect();
    expect(await admin.ask('/api/v1/apps', browser)).toMatchObject(UNAUTHENTICATED);
  });

  it('is known to every admin, and its token is not on Redis', async () => {
    const [one, other] = [await start(), await start()];
    const cookie = cookieOf(await logIn(one));
    expect(await other.ask('/api/v1/session', asBrowser(other, cookie))).toMatchObject({ status: 200, body: { name: 'alice' } });
    const redis = await connectTest(server.url);
    const [key = ''] = await redis.keys('test:admin:session:*');
    const stored = `${key} ${await redis.get(key)}`;
    redis.disconnect();
    expect(stored).not.toContain(cookie.split('=')[1]);
  });

  it.each<[string, () => Promise<object[]> | object[]]>([
    ['is removed', () => users.filter(({ name }) => name !== 'alice')],
    ['has another role', () => users.map((user) => ({ ...user, role: 'viewer' }))],
    ['has another password', async () => [{ ...users[0], password_hash: await hashPassword('another') }]],
  ])('ends when its user %s', async (_what, changed) => {
    const before = await start();
    const cookie = cookieOf(await logIn(before));
    const after = await start({ admin: { users: await changed() } });
    expect(await after.ask('/api/v1/session', asBrowser(after, cookie))).toMatchObject(UNAUTHENTICATED);
  });

  it.each(['', 'reveille_session=', 'reveille_session=wrong', `reveille_session=${'A'.repeat(43)}`])('is none: %j', async (cookie) => {
    const admin = await start();
    expect(await admin.ask('/api/v1/session', asBrowser(admin, cookie))).toMatchObject(UNAUTHENTICATED);
  });

  it('cannot be looked up without Redis: that is no reason to sign in again', async () => {
    const lonely = await startTestRedis();
    const admin = await startTestAdmin({ url: lonely.url, admin: { users } });
    running.push(admin);
    const browser = asBrowser(admin, cookieOf(await logIn(admin)));
    await lonely.kill();
    await eventually(async () => (await admin.ask('/api/v1/session', browser)).status === 503);
    expect(await admin.ask('/api/v1/session')).toMatchObject({ status: 200, body: { name: 'deployment' } });
  });
});

describe('behind a proxy with TLS', () => {
  const PROXIED = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'push.example.com' };

  it('the cookie is for TLS only, and browsers are told to come so', async () => {
    const admin = await start();
    const answer = await logIn(admin, 'alice', PASSWORD, PROXIED);
    expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/);
    expect(answer.headers.get('strict-transport-security')).toContain('max-age');
    expect((await admin.ask('/health')).headers.get('strict-transport-security')).toBeNull();
  });

  it('also when only `public_url` says so', async () => {
    const admin = await start({ admin: { public_url: 'https://push.example.com', trusted_proxies: ['10.0.0.1'] } });
    const answer = await logIn(admin);
    expect(answer.headers.get('set-cookie')).toMatch(/; Secure$/);
    const browser = { as: 'nobody', headers: { cookie: cookieOf(answer), origin: 'https://push.example.com' } } as const;
    expect((await admin.ask('/api/v1/logout', { method: 'POST', ...browser })).status).toBe(204);
  });

  it('what a stranger says of a proxy counts for nothing', async () => {
    const admin = await start({ admin: { trusted_proxies: ['10.0.0.1'] } });
    const answer = await logIn(admin, 'alice', PASSWORD, PROXIED);
    expect(answer.headers.get('set-cookie')).not.toContain('Secure');
    const browser = { as: 'nobody', headers: { cookie: cookieOf(answer), origin: 'https://push.example.com', ...PROXIED } } as const;
    expect((await admin.ask('/api/v1/logout', { method: 'POST', ...browser })).status).toBe(403);
  });
});

describe('a token', () => {
  it.each(['operator', 'viewer'] as const)('lets a program in, as %s', async (role) => {
    const admin = await start();
    expect(await admin.ask('/api/v1/session', { as: role })).toMatchObject({ status: 200, body: { role, via: 'token' } });
  });

  it.each(['Bearer wrong', 'Bearer', '', `Basic ${TOKENS.operator}`, `Bearer ${TOKENS.operator}x`, `Bearer ${TOKENS.operator.slice(0, -1)}`])(
    'that is wrong (%j) is not made up for by a session',
    async (authorization) => {
      const admin = await start();
      const { headers } = asBrowser(admin, cookieOf(await logIn(admin)));
      const answer = await admin.ask('/api/v1/session', { as: 'nobody', headers: { ...headers, authorization } });
      expect(answer).toMatchObject(UNAUTHENTICATED);
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    },
  );
});

describe('the header of an authenticating proxy', () => {
  const trusting = { trusted_header: 'X-Forwarded-User' };
  const named = (name: string) => ({ as: 'nobody', headers: { 'x-forwarded-user': name } }) as const;

  it('names the user, whose role is in the configuration', async () => {
    const admin = await start({ admin: trusting });
    expect(await admin.ask('/api/v1/session', named('alice'))).toMatchObject({ status: 200, body: { name: 'alice', role: 'operator', via: 'header' } });
    expect(await admin.ask('/api/v1/session', named('zoe@example.com'))).toMatchObject({ body: { name: 'zoe@example.com', role: 'viewer' } });
  });

  it('is believed from a trusted proxy only', async () => {
    const admin = await start({ admin: { ...trusting, trusted_proxies: ['10.0.0.1'] } });
    expect(await admin.ask('/api/v1/session', named('alice'))).toMatchObject(UNAUTHENTICATED);
  });

  it('counts for nothing under a name that may be a stranger\'s, which was made to point here', async () => {
    const askAs = async (host: string, admin: TestAdmin): Promise<number | undefined> => {
      const { hostname, port } = new URL(admin.url);
      const [answer] = (await once(request({ hostname, port, path: '/api/v1/session', headers: { host, 'x-forwarded-user': 'alice' } }).end(), 'response')) as [IncomingMessage];
      answer.resume();
      return answer.statusCode;
    };
    const admin = await start({ admin: trusting });
    expect(await Promise.all(['127.0.0.1', 'localhost:5001', '[::1]:5001'].map((host) => askAs(host, admin)))).toEqual([200, 200, 200]);
    expect(await Promise.all(['evil.example', 'evil.example:5001', '127.0.0.1.evil.example'].map((host) => askAs(host, admin)))).toEqual([401, 401, 401]);
    const published = await start({ admin: { ...trusting, public_url: 'https://push-admin.example.com' } });
    expect(await askAs('push-admin.example.com', published)).toBe(200);
    expect(await askAs('evil.example', published)).toBe(401);
  });

  it('is nothing when it is not configured', async () => {
    const admin = await start();
    expect(await admin.ask('/api/v1/session', named('alice'))).toMatchObject(UNAUTHENTICATED);
  });

  it('lets strangers not in, where only the configured ones may', async () => {
    const admin = await start({ admin: { ...trusting, trusted_header_role: 'none' } });
    expect(await admin.ask('/api/v1/session', named('zoe'))).toMatchObject(UNAUTHENTICATED);
    expect((await admin.ask('/api/v1/session', named('bob'))).status).toBe(200);
  });

  it.each(['alice, bob', 'a'.repeat(200), ',', 'a\tb', 'm\xe4l'])('names nobody: %j', async (name) => {
    const admin = await start({ admin: trusting });
    expect(await admin.ask('/api/v1/session', named(name))).toMatchObject(UNAUTHENTICATED);
  });

  it('comes after a token', async () => {
    const admin = await start({ admin: trusting });
    expect(await admin.ask('/api/v1/session', { as: 'viewer', headers: named('alice').headers })).toMatchObject({ body: { name: 'dashboard' } });
  });

  it('needs the origin of our page for what changes something, since the proxy adds it to every request', async () => {
    const admin = await start({ admin: trusting });
    const pause = (headers: Record<string, string>) =>
      admin.ask('/api/v1/apps/com.example.ios/pause', { method: 'POST', as: 'nobody', headers: { ...named('alice').headers, ...headers } });
    expect(await pause({})).toMatchObject({ status: 403, body: { error: { code: 'foreign_origin' } } });
    expect((await pause({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await pause({ origin: admin.url })).status).toBe(200);
  });
});
