import { IOS, PREFIX, PUSHKEY } from './test-admin.fixture';
import { DEVICE, IOS_PATH, remember } from './test-relay.fixture';
import { useTestApi } from './test-api-use.fixture';

/** Only ever the length of a failure. Milliseconds. */
jest.setTimeout(30_000);

const { ask, now, post } = useTestApi();

describe('the audit', () => {
  it('has everything that was done, and what was only looked at not', async () => {
    await remember(now().redis);
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
    const lines = now().admin.log().split('\n').filter((line) => line.includes('"msg":"audit"') && line.includes('"action":"app.drain"'));
    expect(lines[0]).toContain('"actor":"deployment"');
  });

  it('comes page by page', async () => {
    for (let limit = 1; limit <= 3; limit++) await post(`${IOS_PATH}/concurrency`, { limit });
    const { body } = await ask('/api/v1/audit?limit=2');
    const { next } = body as { next: string };
    expect(await ask(`/api/v1/audit?cursor=${next}`)).toMatchObject({ body: { entries: [{ detail: { limit: 1 } }], next: null } });
  });

  it('nothing is done that cannot be written to it', async () => {
    await now().redis.set(`${PREFIX}:admin:audit`, 'in the way');
    expect((await now().admin.ask(`${IOS_PATH}/pause`, { method: 'POST' })).status).toBe(500);
    expect(await ask('/api/v1/apps')).toMatchObject({ body: { apps: [{ state: 'running' }, {}] } });
  });
});
