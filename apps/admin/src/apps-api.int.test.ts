import { EVENT_ID, HASHES, IOS, OTHERS, PUSHKEY } from './test-admin.fixture';
import { baseOf, DEVICE, IOS_PATH, storm } from './test-relay.fixture';
import { useTestApi } from './test-api-use.fixture';

/** Only ever the length of a failure. Milliseconds. */
jest.setTimeout(30_000);

const { ask, now, post } = useTestApi();

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
    expect(await now().redis.hget(`${baseOf(IOS)}meta`, 'concurrency')).toBe('7');
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

describe('storms', () => {
  it('are shown, released and discarded', async () => {
    await storm(now().redis, 25);
    expect(await ask('/api/v1/storms')).toMatchObject({ status: 200, body: { storms: [{ app: IOS, held: 25, needs_operator: true }] } });
    expect(await post(`/api/v1/storms/${IOS}/discard`)).toMatchObject({ status: 200, body: { app: IOS, verdicts: 25 } });
    await storm(now().redis, 25);
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
