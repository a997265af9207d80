import { replaySchema, type ReplayView, startedAnswer } from '@reveille/admin-api';
import { appKeyBase, createAppGate, putFailed, type RedisClient } from '@reveille/queue';
import { eventually, eventuallyPasses, startTestRedis, type RunningRedis } from '@reveille/testing';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';

import { readApiDocument, type ApiDocument } from './test-api.fixture';
import { connectTest, CONTENT, EVENT_ID, HASHES, IOS, PREFIX, PUSHKEY, startTestAdmin, testDispatch, type Answer, type AskOptions, type TestAdmin } from './test-admin.fixture';

/** Only ever the length of a failure. Milliseconds. */
jest.setTimeout(30_000);

const REPLAYS = '/api/v1/replays';
const NOTHING_LEFT = { expired: 0, superseded: 0, already_delivered: 0, rejected: 0, parked: 0 };
const base = appKeyBase(PREFIX, IOS);

let server: RunningRedis;
let redis: RedisClient;
let admin: TestAdmin;
let api: ApiDocument;

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
  for (const secret of [PUSHKEY, CONTENT, EVENT_ID]) expect(answer.text).not.toContain(secret);
  return answer;
}
const post = (path: string, body: unknown, as: 'operator' | 'viewer' = 'operator'): Promise<Answer> => ask(path, { method: 'POST', body, as });
const start = async (body: unknown): Promise<string> => {
  const { status, body: answer } = await post(REPLAYS, body);
  expect(status).toBe(202);
  return startedAnswer.parse(answer).id;
};
const read = async (id: string): Promise<ReplayView> => replaySchema.parse((await ask(`${REPLAYS}/${id}`)).body);

async function fail(count: number, changes: Parameters<typeof testDispatch>[0] = {}): Promise<string[]> {
  const pushes = Array.from({ length: count }, () => ({
    dispatch: testDispatch({ deviceHash: randomUUID(), ...changes }),
    letter: { outcome: 'dead', reason: 'PayloadTooLarge', provider_status: 413 } as const,
    failedAt: Date.now() - 1000,
  }));
  await putFailed({ redis, prefix: PREFIX, appKey: IOS }, pushes);
  return pushes.map(({ dispatch: { id } }) => id);
}

it('says what would happen, to a viewer too, and changes nothing', async () => {
  await fail(3);
  await fail(2, { deadline: Date.now() - 1000 });
  const preview = { filter: { app: IOS, reason: 'PayloadTooLarge' }, preview: true };
  const expected = { matched: 5, would_send: 3, ...NOTHING_LEFT, expired: 2, unreadable: 0, estimated: false };
  expect(await post(REPLAYS, preview, 'viewer')).toMatchObject({ status: 200, body: { preview: expected } });
  const renewed = { ...expected, would_send: 5, expired: 0 };
  expect((await post(REPLAYS, { ...preview, include_expired: true })).body).toEqual({ preview: renewed });
  expect((await post(REPLAYS, { filter: { app: 'com.example.ios', reason: 'other' }, preview: true })).body).toMatchObject({ preview: { matched: 0 } });
  expect(await redis.zcard(`${base}failed`)).toBe(5);
  expect(await redis.llen(`${base}wait`)).toBe(0);
});

it('runs as a job of this process: counted, listed, and in the audit before', async () => {
  const ids = await fail(4);
  const id = await start({ filter: { app: IOS, ids: ids.slice(0, 3), event_id: EVENT_ID }, rate: 1000 });
  await eventuallyPasses(async () => expect(await redis.llen(`${base}wait`)).toBe(3));
  expect(await redis.zrange(`${base}failed`, '0', '-1')).toEqual(ids.slice(3));
  expect(await read(id)).toMatchObject({
    ...{ id, state: 'running', by: 'deployment', rate: 1000, include_expired: false, matched: 3 },
    filter: { app: IOS, ids: ids.slice(0, 3), event_hash: HASHES.event(EVENT_ID) },
    outcomes: { waiting: 3, not_sent: 0, delivered: 0 },
  });
  expect((await ask(REPLAYS)).body).toMatchObject({ replays: [{ id }] });
  expect((await ask('/api/v1/audit')).body).toMatchObject({
    entries: [{ actor: 'deployment', action: 'replay.start', app: IOS, count: 3, detail: { rate: 1000, include_expired: false, filter: { ids: 3 } } }],
  });
});

it('is paused, goes on, is cancelled; what is over stays so', async () => {
  await fail(30);
  const id = await start({ filter: { app: IOS }, rate: 10 });
  expect(await post(`${REPLAYS}/${id}/pause`, {})).toMatchObject({ status: 200, body: { state: 'paused' } });
  expect(await post(`${REPLAYS}/${id}/pause`, {})).toMatchObject({ status: 200, body: { state: 'paused' } });
  expect(await post(`${REPLAYS}/${id}/resume`, {})).toMatchObject({ status: 200, body: { state: 'running' } });
  expect(await post(`${REPLAYS}/${id}/cancel`, {})).toMatchObject({ status: 200, body: { state: 'cancelled' } });
  expect(await post(`${REPLAYS}/${id}/resume`, {})).toMatchObject({ status: 409, body: { error: { code: 'conflict' } } });
  expect(await redis.zcard(`${base}failed`)).toBeGreaterThan(0);
  const entries = z.object({ entries: z.array(z.object({ action: z.string() })) }).parse((await ask('/api/v1/audit')).body).entries;
  expect(entries.map(({ action }) => action)).toEqual(['replay.cancel', 'replay.resume', 'replay.pause', 'replay.start']);
});

it('leaves the pushes of a parked app where they are, and is done', async () => {
  await fail(2);
  await createAppGate({ redis, base, now: Date.now }).park('credential');
  expect((await post(REPLAYS, { filter: {}, preview: true })).body).toMatchObject({ preview: { matched: 2, would_send: 0, parked: 2 } });
  const id = await start({ filter: {} });
  const done = await eventually(async () => {
    const replay = await read(id);
    return replay.state === 'done' ? replay : undefined;
  });
  expect(done).toMatchObject({ matched: 2, done: 2, outcomes: { not_sent: 2, not_sent_by: { parked: 2 } } });
});

it.each([
  ['filter', {}],
  ['filter', { preview: true }],
  ['filter.since', { filter: { since: 'yesterday' } }],
  ['filter.app', { filter: { app: 'org.unknown' } }],
  ['filter.pushkey', { filter: { pushkey: 5 } }],
  ['filter.ids', { filter: { ids: [] } }],
  ['filter', { filter: { aps: IOS } }],
  ['rate', { filter: {}, rate: 0 }],
  ['rate', { filter: {}, rate: '5' }],
  ['include_expired', { filter: {}, include_expired: 'yes' }],
  ['preview', { filter: {}, preview: 1 }],
])('answers 400 and names %s', async (field, body) => {
  const answer = await post(REPLAYS, body);
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'bad_request' } } });
  expect(z.object({ error: z.object({ field: z.string() }) }).parse(answer.body).error.field).toContain(field);
});

it('is for operators, and knows what there is', async () => {
  expect(await post(REPLAYS, { filter: {} }, 'viewer')).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
  expect(await post(`${REPLAYS}/${randomUUID()}/pause`, {}, 'viewer')).toMatchObject({ status: 403 });
  expect(await post(`${REPLAYS}/${randomUUID()}/pause`, {})).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
  expect(await ask(`${REPLAYS}/${randomUUID()}`)).toMatchObject({ status: 404 });
  // A key beside the replays on Redis.
  expect(await ask(`${REPLAYS}/open`)).toMatchObject({ status: 400, body: { error: { field: 'id' } } });
  expect(await ask(REPLAYS)).toMatchObject({ status: 200, body: { replays: [] } });
});
