import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { startTestRedis, temporaryDirectory, type RunningRedis, type TemporaryDirectory } from '@reveille/testing';

import { readApiDocument, type ApiDocument } from './test-api.fixture';
import { PASSWORD, startTestAdmin, testUsers, type TestAdmin } from './test-admin.fixture';

/** Only ever the length of a failure. Milliseconds. */
jest.setTimeout(30_000);

const PUBLIC = ['GET /health', 'GET /ready', 'POST /api/v1/login'];
const STRICT =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

let server: RunningRedis;
let directory: TemporaryDirectory;
let admin: TestAdmin;
let api: ApiDocument;
/** Cookies of an operator and of a viewer. */
let operator: string;
let viewer: string;

beforeAll(async () => {
  server = await startTestRedis();
  directory = await temporaryDirectory();
  mkdirSync(join(directory.path, 'assets'));
  writeFileSync(join(directory.path, 'index.html'), '<!doctype html><title>page</title>');
  writeFileSync(join(directory.path, 'secret.txt'), 'SENTINEL');
  writeFileSync(join(directory.path, 'assets/page-ABCD1234.js'), 'let it = 1;');
  writeFileSync(join(directory.path, 'assets/icon.svg'), '<svg/>');
  admin = await startTestAdmin({ url: server.url, admin: { users: await testUsers() }, pageDirectory: directory.path });
  api = await readApiDocument(admin);
  [operator, viewer] = [await logIn('alice'), await logIn('bob')];
});
afterAll(async () => {
  await admin.role.close();
  await server.stop();
  await directory.remove();
});

async function logIn(name: string): Promise<string> {
  const answer = await admin.ask('/api/v1/login', { as: 'nobody', method: 'POST', body: { name, password: PASSWORD } });
  return answer.headers.get('set-cookie')?.split(';')[0] ?? '';
}

const nameOf = ({ method, path }: { method: string; path: string }): string => `${method} ${path}`;

describe('the document', () => {
  it('has every kind of route, each once', () => {
    const names = api.routes.map(nameOf);
    expect(names).toEqual(
      expect.arrayContaining(['GET /api/v1/apps', 'POST /api/v1/apps/{app}/pause', 'GET /api/v1/failed', 'DELETE /api/v1/rejections', 'GET /api/v1/openapi.json']),
    );
    expect(new Set(api.routes.map(({ id }) => id)).size).toBe(api.routes.length);
  });

  it('says of each route who may call it, and what it fails with', () => {
    expect(api.routes.filter(({ isPublic }) => isPublic).map(nameOf)).toEqual(PUBLIC);
    for (const route of api.routes) {
      expect(Object.keys(route.responses)).toEqual(expect.arrayContaining(['400', '413', '500']));
      if (!route.isPublic) expect(Object.keys(route.responses)).toEqual(expect.arrayContaining(['401', '503']));
      if (route.isForOperators) expect(Object.keys(route.responses)).toContain('403');
    }
    // What only looks is for viewers, although some of it is asked by POST, since a pushkey must be in no URL.
    const looking = ['/api/v1/failed/search', '/api/v1/rejections/lookup', '/api/v1/explain', '/api/v1/logout', '/api/v1/replays'];
    for (const { method, path, isForOperators, isPublic } of api.routes) {
      if (!isPublic && !looking.includes(path)) expect({ path, isForOperators }).toEqual({ path, isForOperators: method !== 'GET' });
    }
  });
});

describe('without a login', () => {
  it('every route but login and health is refused', async () => {
    const statuses = await Promise.all(api.routes.map(async ({ method, url }) => (await admin.ask(url, { method, as: 'nobody' })).status));
    for (const [index, route] of api.routes.entries()) {
      if (route.isPublic) expect(statuses[index]).not.toBe(403);
      else expect({ route: nameOf(route), status: statuses[index] }).toEqual({ route: nameOf(route), status: 401 });
    }
  });

  it.each(['/nothing', '/api', '/api/v1', '/api/v1/apps/', '/API/v1/apps', '/queues', '/queues/', '/queues/api/queues', '/queues/static/js/x.js', '/secret.txt', '/index.html', '//api/v1/apps'])(
    'nor is anything else to be had: %s',
    async (path) => {
      expect(await admin.ask(path, { as: 'nobody' })).toMatchObject({ status: 401, body: { error: { code: 'unauthenticated' } } });
    },
  );

  it('the body of a request is not even read', async () => {
    const answer = await admin.ask('/api/v1/apps/x/pause', { method: 'POST', as: 'nobody', body: '{' });
    expect(answer.status).toBe(401);
  });

  it('the page and its files are there: they only ask for a login', async () => {
    const page = await admin.ask('/', { as: 'nobody' });
    expect([page.status, page.headers.get('content-security-policy'), page.headers.get('cache-control')]).toEqual([200, STRICT, 'no-cache']);
    const script = await admin.ask('/assets/page-ABCD1234.js', { as: 'nobody' });
    expect([script.status, script.headers.get('cache-control')]).toEqual([200, 'public, max-age=31536000, immutable']);
    expect((await admin.ask('/assets/icon.svg', { as: 'nobody' })).headers.get('cache-control')).toBe('public, max-age=3600');
    for (const path of ['/assets/', '/assets/nothing.js', '/assets/..%2fsecret.txt', '/assets/%2e%2e/secret.txt']) {
      expect((await admin.ask(path, { as: 'nobody' })).text).not.toContain('SENTINEL');
    }
  });
});

describe('a viewer', () => {
  it('may look, and nothing else', async () => {
    const routes = api.routes.filter(({ isPublic }) => !isPublic);
    for (const { method, url, isForOperators, path } of routes.filter((each) => each.path !== '/api/v1/logout')) {
      // Of replays a viewer may have the preview; replays.int.test.ts has the refusal of the rest.
      const asked = { method, ...(method !== 'GET' && { body: path === '/api/v1/replays' ? { preview: true } : {} }) };
      const answers = [await admin.ask(url, { ...asked, as: 'viewer' }), await admin.ask(url, { ...asked, ...fromPage(viewer) })];
      for (const { status, body } of answers) {
        if (isForOperators) expect({ path, status, body }).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
        else expect({ path, is403: status === 403 || status === 401 }).toEqual({ path, is403: false });
      }
    }
  });
});

describe('another site', () => {
  const changing = () => api.routes.filter(({ method, isPublic }) => method !== 'GET' && !isPublic);

  it.each<[string, Record<string, string>]>([
    ['names itself', { origin: 'https://evil.example' }],
    ['hides', { origin: 'null' }],
    ['says nothing', {}],
    ['names itself as referer', { referer: 'https://evil.example/page' }],
    ['is told apart by the browser', { 'sec-fetch-site': 'cross-site' }],
    ['is another port of this host', { origin: 'http://127.0.0.1:1' }],
    ['is of the same site only', { 'sec-fetch-site': 'same-site' }],
  ])('that %s changes nothing', async (_how, headers) => {
    for (const { method, url, path } of changing()) {
      const answer = await admin.ask(url, { method, as: 'nobody', body: {}, headers: { cookie: operator, ...headers } });
      expect({ path, status: answer.status, body: answer.body }).toMatchObject({ status: 403, body: { error: { code: 'foreign_origin' } } });
    }
  });

  it('signs nobody in either', async () => {
    const body = { name: 'alice', password: PASSWORD };
    const answer = await admin.ask('/api/v1/login', { method: 'POST', as: 'nobody', body, headers: { origin: 'https://evil.example' } });
    expect(answer).toMatchObject({ status: 403, body: { error: { code: 'foreign_origin' } } });
    expect(answer.headers.get('set-cookie')).toBeNull();
  });

  it.each<[string, () => Record<string, string>]>([
    ['origin', () => ({ origin: admin.url })],
    ['referer', () => ({ referer: `${admin.url}/#/failed` })],
    ['the browser', () => ({ 'sec-fetch-site': 'same-origin' })],
  ])('is not our page, by its %s', async (_by, headers) => {
    const asked = { method: 'POST', as: 'nobody', headers: { cookie: operator, ...headers() } } as const;
    expect((await admin.ask('/api/v1/apps/com.example.ios/resume', asked)).status).toBe(200);
  });

  it('may look at nothing by scripts: no answer allows it', async () => {
    const answer = await admin.ask('/api/v1/apps', { headers: { origin: 'https://evil.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect((await admin.ask('/api/v1/apps', { method: 'OPTIONS', as: 'nobody' })).status).toBe(401);
  });
});

describe('every answer', () => {
  it('has the strict policy, and is kept by nobody', async () => {
    for (const path of ['/api/v1/apps', '/api/v1/session', '/nothing', '/health']) {
      const { headers } = await admin.ask(path);
      expect(headers.get('content-security-policy')).toBe(STRICT);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    }
  });
});

function fromPage(cookie: string): { as: 'nobody'; headers: Record<string, string> } {
  return { as: 'nobody', headers: { cookie, origin: admin.url } };
}
