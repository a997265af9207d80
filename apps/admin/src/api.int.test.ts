import { appKeyBase, createDispatchCodec, createEnqueueDispatches, putFailed, type RedisClient } from '@reveille/queue';
import { createRejectionMemory, createStormBreaker } from '@reveille/rejections';
import { eventually, startTestRedis, type RunningRedis } from '@reveille/testing';

import { readApiDocument, type ApiDocument } from './test-api.fixture';
import {
  connectTest,
  CONTENT,
  EVENT_ID,
  HASHES,
  IOS,
  OTHERS,
  PREFIX,
  PUSHKEY,
  ROOM_ID,
  startTestAdmin,
  testDispatch,
  type Answer,
  type AskOptions,
  type TestAdmin,
} from './test-admin.fixture';

/** Only ever the length of a failure. Milliseconds. */
jest.setTimeout(30_000);

const baseOf = (appKey: string): string => appKeyBase(PREFIX, appKey);
const DEVICE = HASHES.device(IOS, PUSHKEY);
const REFUSED = { outcome: 'dead', reason: 'PayloadTooLarge', provider_status: 413, provider_reason: 'PayloadTooLarge' } as const;

let server: RunningRedis;
let redis: RedisClient;
let admin: TestAdmin;
let api: ApiDocument;
/** Every answer of these tests. */
const answers: string[] = [];

beforeAll(async () => {
  server = await startTestRedis();
  redis = await connectTest(server.url);
  admin = await startTestAdmin({ url: server.url });
  api = await readApiDocument(admin);
});
beforeEach(() => redis.flushall());
afterAll(async () => {
  await admin.role.close();
  redis.disconnect();
  await server.stop();
});

/** Asks, and compares the answer with the document. */
async function ask(path: string, options: AskOptions = {}): Promise<Answer> {
  const answer = await admin.ask(path, options);
  api.check(options.method ?? 'GET', path, answer);
  answers.push(answer.text);
  return answer;
}

const post = (path: string, body?: unknown): Promise<Answer> => ask(path, { method: 'POST', body });
const IOS_PATH = `/api/v1/apps/${IOS}`;

/** As a dispatcher leaves it. */
async function fail(count = 1, failedAt = Date.now()): Promise<string[]> {
  const pushes = Array.from({ length: count }, (_, index) => {
    const history = [JSON.stringify({ at: failedAt, reason: 'PayloadTooLarge', status: 413, provider_reason: 'PayloadTooLarge' })];
    return { dispatch: testDispatch(), letter: REFUSED, failedAt: failedAt + index, attempts: 3, history };
  });
  await putFailed({ redis, prefix: PREFIX, appKey: IOS, codec: createDispatchCodec() }, pushes);
  return pushes.map(({ dispatch }) => dispatch.id);
}

async function enqueue(count: number): Promise<void> {
  const dispatches = Array.from({ length: count }, () => ({ appKey: IOS, dispatch: testDispatch({ acceptedAt: Date.now() }) }));
  const enqueueDispatches = createEnqueueDispatches({
    redis,
    prefix: PREFIX,
    guard: { lua: 'return false' },
    duplicateWindowMs: 1,
    queueLimit: () => ({ count: 100, ageMs: 0 }),
    countsMaxAgeMs: () => 1_000,
    timeoutMs: 2_000,
    now: Date.now,
  });
  for (const one of dispatches) expect(await enqueueDispatches([one])).toMatchObject({ ok: true });
}

function remember(): Promise<void> {
  const memory = createRejectionMemory({ redis, baseOf, ttlMs: 60_000 });
  return memory.remember(IOS, DEVICE, { diedAt: Date.now(), reason: 'Unregistered' });
}

async function storm(devices: number): Promise<void> {
  const breaker = createStormBreaker({
    redis,
    base: baseOf(IOS),
    settings: {
      ...{ windowMs: 60_000, floor: 100, suspectFloor: 20, share: 0.5, suspectShare: 0.25, factor: 5 },
      ...{ holdForMs: 60_000, releasePerMinute: 60, retryMs: 1000, ttlMs: 60_000 },
    },
    fingerprint: () => '',
    now: Date.now,
    random: Math.random,
    onEvent: () => undefined,
  });
  const verdict = { diedAt: Date.now(), reason: 'DeviceTokenNotForTopic', suspect: true, isAnswer: true };
  for (let index = 0; index < devices; index++) await breaker.remember(`h${index}`, verdict);
}

describe('an app', () => {
  it('is paused, with the reason and by whom, and resumed', async () => {
    const paused = { app: IOS, state: 'paused', reason: 'a fault at Apple', paused_by: 'deployment', until: null };
    expect(await post(`${IOS_PATH}/pause`, { reason: 'a fault at Apple' })).toMatchObject({ status: 200, body: { app: paused } });
    expect(await ask('/api/v1/apps')).toMatchObject({ body: { apps: [paused, { app: OTHERS, state: 'running' }] } });
    expect(await post(`${IOS_PATH}/resume`)).toMatchObject({ status: 200, body: { app: { state: 'running', reason: null, paused_by: null } } });
  });

  it('is drained, and accepts again', async () => {
    expect(await post(`${IOS_PATH}/drain`, { on: true })).toMatchObject({ body: { app: { draining: true } } });
    expect(await post(`${IOS_PATH}/drain`, { on: false })).toMatchObject({ body: { app: { draining: false } } });
  });

  it('has another width for now', async () => {
    expect(await post(`${IOS_PATH}/concurrency`, { limit: 7 })).toMatchObject({ body: { app: { concurrency_limit: 7 } } });
    expect(await redis.hget(`${baseOf(IOS)}meta`, 'concurrency')).toBe('7');
    expect(await post(`${IOS_PATH}/concurrency`, { limit: null })).toMatchObject({ body: { app: { concurrency_limit: null } } });
  });

  it('may be named by an app id that a glob serves', async () => {
    expect(await post('/api/v1/apps/org.example.android/pause')).toMatchObject({ body: { app: { app: OTHERS, reason: 'by an operator' } } });
  });

  it.each(['pause', 'resume'])('that nobody configured is not found: %s', async (action) => {
    expect(await post(`/api/v1/apps/com.nobody/${action}`)).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  });

  it('has a history of each minute', async () => {
    const { status, body } = await ask(`${IOS_PATH}/history?hours=1`);
    expect([status, (body as { minutes: unknown[] }).minutes.length]).toEqual([200, 60]);
    expect((await ask('/api/v1/apps/com.nobody/history')).status).toBe(404);
  });
});

describe('failed pushes', () => {
  it('are found by everything that is known of them', async () => {
    const ids = await fail(3);
    const item = { app: IOS, ...REFUSED, attempts: 3, device_hash: DEVICE, event_hash: HASHES.event(EVENT_ID), replayed: 0 };
    expect(await ask('/api/v1/failed')).toMatchObject({ status: 200, body: { total: 3, items: [item, item, item], next: null, unreachable: [] } });
    const questions: Record<string, string>[] = [
      ...[{ app: IOS }, { reason: 'PayloadTooLarge' }, { provider_status: '413' }, { provider_reason: 'PayloadTooLarge' }, { outcome: 'dead' }],
      ...[{ since: '1h' }, { since: new Date(Date.now() - 60_000).toISOString() }, { event_id: EVENT_ID }, { room_id: ROOM_ID }],
      ...[{ pushkey_hash: DEVICE }, { attempts_min: '3', attempts_max: '3' }, { app: '', reason: '', since: '', cursor: '', limit: '' }],
    ];
    for (const question of questions) {
      const query = new URLSearchParams(question).toString();
      expect({ query, body: (await ask(`/api/v1/failed?${query}`)).body }).toMatchObject({ query, body: { total: 3 } });
    }
    const others = [{ app: OTHERS }, { reason: 'other' }, { provider_status: '500' }, { until: '1h' }, { event_id: '$other' }, { attempts_min: '4' }, { outcome: 'expired' }];
    for (const question of others) {
      const query = new URLSearchParams(question).toString();
      expect({ query, body: (await ask(`/api/v1/failed?${query}`)).body }).toMatchObject({ query, body: { total: 0, items: [] } });
    }
    expect(ids).toHaveLength(3);
  });

  it('come page by page, newest first', async () => {
    const ids = await fail(5);
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const { body } = await ask(`/api/v1/failed?limit=2${next && `&cursor=${encodeURIComponent(next)}`}`);
      const page = body as { items: { id: string }[]; next: string | null };
      seen.push(...page.items.map(({ id }) => id));
      next = page.next;
    }
    expect(seen).toEqual(ids.toReversed());
  });

  it('are found by the pushkey in a body, of which nothing is left', async () => {
    await fail();
    expect(await post('/api/v1/failed/search', { app: IOS, pushkey: PUSHKEY })).toMatchObject({ status: 200, body: { total: 1 } });
    expect(await post('/api/v1/failed/search', { app_id: IOS, pushkey: 'another' })).toMatchObject({ body: { total: 0 } });
  });

  it('are grouped by cause', async () => {
    await fail(2);
    expect(await ask('/api/v1/failed/causes?since=1h')).toMatchObject({ status: 200, body: { causes: [{ app: IOS, ...REFUSED, count: 2 }] } });
  });

  it('are shown one by one, with their attempts and without their content', async () => {
    const [id = ''] = await fail();
    expect(await ask(`/api/v1/failed/${id}?app=${IOS}`)).toMatchObject({
      status: 200,
      body: { id, kind: 'event', priority: 'high', unreadable: null, history: [{ status: 413, reason: 'PayloadTooLarge' }] },
    });
    expect((await ask(`/api/v1/failed/unknown?app=${IOS}`)).status).toBe(404);
  });
});

describe('rejections', () => {
  const query = `app=${IOS}&pushkey_hash=${DEVICE}`;
  it('are looked up by pushkey or hash, and forgotten', async () => {
    await remember();
    const known = { known: true, app: IOS, pushkey_hash: DEVICE, reason: 'Unregistered', told: 0 };
    expect(await post('/api/v1/rejections/lookup', { app: IOS, pushkey: PUSHKEY })).toMatchObject({ status: 200, body: known });
    expect(await ask(`/api/v1/rejections?${query}`)).toMatchObject({ status: 200, body: known });
    expect(await ask(`/api/v1/rejections?${query}`, { method: 'DELETE' })).toMatchObject({ status: 200, body: { forgotten: true } });
    expect(await ask(`/api/v1/rejections?${query}`, { method: 'DELETE' })).toMatchObject({ status: 200, body: { forgotten: false } });
    expect(await ask(`/api/v1/rejections?${query}`)).toMatchObject({ body: { known: false, since: null, reason: null } });
  });
});

describe('storms', () => {
  it('are shown, released and discarded', async () => {
    await storm(25);
    expect(await ask('/api/v1/storms')).toMatchObject({ status: 200, body: { storms: [{ app: IOS, held: 25, needs_operator: true }] } });
    expect(await post(`/api/v1/storms/${IOS}/discard`)).toMatchObject({ status: 200, body: { app: IOS, verdicts: 25 } });
    await storm(25);
    expect(await post(`/api/v1/storms/${IOS}/release`)).toMatchObject({ status: 200, body: { app: IOS, verdicts: 25 } });
    expect(await ask('/api/v1/storms')).toMatchObject({ body: { storms: [] } });
    expect((await post('/api/v1/storms/com.nobody/release')).status).toBe(404);
  });
});

describe('the rest', () => {
  it('explains', async () => {
    expect(await post('/api/v1/explain', { app: IOS, event_id: EVENT_ID, pushkey: PUSHKEY })).toMatchObject({
      status: 200,
      body: { app: IOS, event_hash: HASHES.event(EVENT_ID), device_hash: DEVICE },
    });
  });

  it('shows Redis and the processes', async () => {
    expect(await ask('/api/v1/system')).toMatchObject({ status: 200, body: { redis: { reachable: true, eviction_policy: 'noeviction' } } });
  });
});

describe('the audit', () => {
  it('has everything that was done, and what was only looked at not', async () => {
    await remember();
    await post(`${IOS_PATH}/pause`, { reason: 'why' });
    await post(`${IOS_PATH}/resume`);
    await post(`${IOS_PATH}/drain`, { on: true });
    await post(`${IOS_PATH}/concurrency`, { limit: 3 });
    await ask(`/api/v1/rejections?app=${IOS}&pushkey_hash=${DEVICE}`, { method: 'DELETE' });
    await post(`/api/v1/storms/${IOS}/discard`);
    await post('/api/v1/rejections/lookup', { app: IOS, pushkey: PUSHKEY });
    await ask('/api/v1/failed');
    const by = { actor: 'deployment', role: 'operator', via: 'token', app: IOS };
    expect(await ask('/api/v1/audit')).toMatchObject({
      status: 200,
      body: {
        entries: [
          { ...by, action: 'storm.discard', count: 0 },
          { ...by, action: 'rejection.forget', count: 1, detail: { pushkey_hash: DEVICE } },
          { ...by, action: 'app.concurrency', detail: { limit: 3 } },
          { ...by, action: 'app.drain', detail: { on: true } },
          { ...by, action: 'app.resume', detail: { was: 'paused' } },
          { ...by, action: 'app.pause', detail: { reason: 'why' } },
        ],
        next: null,
      },
    });
    const lines = admin.log().split('\n').filter((line) => line.includes('"msg":"audit"') && line.includes('"action":"app.drain"'));
    expect(lines[0]).toContain('"actor":"deployment"');
  });

  it('comes page by page', async () => {
    for (let limit = 1; limit <= 3; limit++) await post(`${IOS_PATH}/concurrency`, { limit });
    const { body } = await ask('/api/v1/audit?limit=2');
    const { next } = body as { next: string };
    expect(await ask(`/api/v1/audit?cursor=${next}`)).toMatchObject({ body: { entries: [{ detail: { limit: 1 } }], next: null } });
  });

  it('nothing is done that cannot be written to it', async () => {
    await redis.set(`${PREFIX}:admin:audit`, 'in the way');
    expect((await admin.ask(`${IOS_PATH}/pause`, { method: 'POST' })).status).toBe(500);
    expect(await ask('/api/v1/apps')).toMatchObject({ body: { apps: [{ state: 'running' }, {}] } });
  });
});

describe('a wrong request', () => {
  it.each<[string, string, unknown, string]>([
    ['GET', '/api/v1/failed?limit=0', undefined, 'limit'],
    ['GET', '/api/v1/failed?limit=many', undefined, 'limit'],
    ['GET', '/api/v1/failed?since=yesterday', undefined, 'since'],
    ['GET', '/api/v1/failed?provider_stauts=413', undefined, 'provider_stauts'],
    ['GET', '/api/v1/failed?app=com.nobody', undefined, 'app'],
    ['GET', '/api/v1/failed?app=a&app=b', undefined, 'app'],
    ['GET', '/api/v1/failed?cursor=x', undefined, 'cursor'],
    ['GET', '/api/v1/failed?outcome=lost', undefined, 'outcome'],
    ['GET', '/api/v1/failed?pushkey=SENTINEL', undefined, 'pushkey'],
    ['GET', '/api/v1/failed?pushkey_hash=a:b', undefined, 'pushkey_hash'],
    ['GET', '/api/v1/failed/x', undefined, 'app'],
    ['GET', `${IOS_PATH}/history?hours=25`, undefined, 'hours'],
    ['GET', '/api/v1/rejections?app=com.example.ios', undefined, 'pushkey_hash'],
    ['GET', '/api/v1/audit?cursor=1', undefined, 'cursor'],
    ['POST', `${IOS_PATH}/drain`, {}, 'on'],
    ['POST', `${IOS_PATH}/drain`, { on: 'yes' }, 'on'],
    ['POST', `${IOS_PATH}/pause`, { why: 'x' }, 'why'],
    ['POST', `${IOS_PATH}/pause`, '[]', 'body'],
    ['POST', `${IOS_PATH}/pause`, '{', 'body'],
    ['POST', `${IOS_PATH}/concurrency`, { limit: 0 }, 'limit'],
    ['POST', `${IOS_PATH}/concurrency`, { limit: '5' }, 'limit'],
    ['POST', '/api/v1/failed/search', { pushkey: PUSHKEY }, 'app_id'],
    ['POST', '/api/v1/failed/search', { app: OTHERS, pushkey: PUSHKEY }, 'app'],
    ['POST', '/api/v1/failed/search', { app: IOS, pushkey: PUSHKEY, pushkey_hash: DEVICE }, 'pushkey_hash'],
    ['POST', '/api/v1/rejections/lookup', { app: OTHERS, pushkey: PUSHKEY }, 'app'],
    ['POST', '/api/v1/rejections/lookup', { app: 'com.nobody', pushkey: PUSHKEY }, 'app'],
    ['POST', '/api/v1/explain', { app: IOS }, 'event_id'],
    ['POST', '/api/v1/explain', { app: OTHERS, event_id: EVENT_ID, pushkey: PUSHKEY }, 'app'],
    ['POST', '/api/v1/login', { name: 'x' }, 'password'],
  ])('is answered with its field: %s %s %j -> %s', async (method, path, body, field) => {
    const answer = await ask(path, { method, ...(body !== undefined && { body }) });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad_request', field } } });
    expect((answer.body as { error: { message: string } }).error.message).toContain(field);
  });

  it('that is too long is not read', async () => {
    const answer = await admin.ask(`${IOS_PATH}/pause`, { method: 'POST', body: { reason: 'x'.repeat(70_000) } });
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'too_large' } } });
  });

  it.each([['PUT', '/api/v1/apps', 'GET, HEAD'], ['GET', `${IOS_PATH}/pause`, 'POST'], ['PATCH', '/api/v1/rejections?a=b', 'GET, HEAD, DELETE']])(
    'of a method that the route does not know: %s %s',
    async (method, path, allow) => {
      const answer = await admin.ask(path, { method });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    },
  );
});

describe('whose device it is and what was said', () => {
  it('is in no answer and in no line of the log', async () => {
    await enqueue(2);
    const [id = ''] = await fail(2);
    await remember();
    await storm(25);
    await post('/api/v1/rejections/lookup', { app: IOS, pushkey: PUSHKEY });
    await post('/api/v1/failed/search', { app: IOS, pushkey: PUSHKEY });
    await post('/api/v1/explain', { app: IOS, event_id: EVENT_ID, pushkey: PUSHKEY });
    await post('/api/v1/login', { name: PUSHKEY, password: PUSHKEY });
    await ask(`/api/v1/failed/${id}?app=${IOS}`);
    for (const { method, path, isPublic } of api.routes) {
      const url = path.replace('{app}', IOS).replace('{id}', id);
      if (method === 'GET' && !isPublic) await ask(url + (url.includes('/failed/') ? `?app=${IOS}` : ''));
    }
    const board = ['/queues/', '/queues/api/queues', `/queues/api/queues?activeQueue=${IOS}&status=failed&page=1&jobsPerPage=10`, `/queues/api/queues/${IOS}/${id}`];
    for (const path of board) {
      const answer = await admin.ask(path);
      expect({ path, status: answer.status }).toEqual({ path, status: 200 });
      answers.push(answer.text);
    }
    for (const path of ['logs', 'flow'].map((part) => `/queues/api/queues/${IOS}/${id}/${part}`)) answers.push((await admin.ask(path)).text);
    expect(answers.join('\n')).toContain(DEVICE);
    const leaks = answers.filter((text) => text.includes('SENTINEL') || text.includes(CONTENT) || text.includes(PUSHKEY));
    expect(leaks.map((text) => text.slice(0, 300))).toEqual([]);
    await eventually(() => admin.log().includes('"msg":"admin"'));
    expect(admin.log()).not.toContain('SENTINEL');
  });
});
