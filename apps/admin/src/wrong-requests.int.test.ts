import { EVENT_ID, IOS, OTHERS, PUSHKEY } from './test-admin.fixture';
import { DEVICE, IOS_PATH } from './test-relay.fixture';
import { useTestApi } from './test-api-use.fixture';

/** Only ever the length of a failure. Milliseconds. */
jest.setTimeout(30_000);

const { ask, now } = useTestApi();

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
    ['GET', '/api/v1/audit?cursor=0-0', undefined, 'cursor'],
    ['GET', '/api/v1/failed?since=2026-02-30T00:00:00Z', undefined, 'since'],
    ['GET', '/api/v1/failed?limit=99999999999999999999', undefined, 'limit'],
    ['GET', '/api/v1/apps?app=a&app=b', undefined, 'app'],
    ['GET', '/api/v1/failed?__proto__=1', undefined, '__proto__'],
    ['GET', '/api/v1/apps/%E0%A4%A/history', undefined, 'path'],
    ['POST', `${IOS_PATH}/drain`, {}, 'on'],
    ['POST', `${IOS_PATH}/drain`, { on: 'yes' }, 'on'],
    ['POST', `${IOS_PATH}/pause`, { why: 'x' }, 'why'],
    ['POST', `${IOS_PATH}/pause`, '[]', 'body'],
    ['POST', `${IOS_PATH}/pause`, '{', 'body'],
    ['POST', `${IOS_PATH}/resume`, '{', 'body'],
    ['POST', `${IOS_PATH}/resume`, { x: 1 }, 'x'],
    ['POST', `${IOS_PATH}/pause`, '{"__proto__":{"a":1}}', '__proto__'],
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
    const answer = await now().admin.ask(`${IOS_PATH}/pause`, { method: 'POST', body: { reason: 'x'.repeat(70_000) } });
    expect(answer).toMatchObject({ status: 413, body: { error: { code: 'too_large' } } });
  });

  it.each([['PUT', '/api/v1/apps', 'GET, HEAD'], ['GET', `${IOS_PATH}/pause`, 'POST'], ['PATCH', '/api/v1/rejections?a=b', 'GET, HEAD, DELETE']])(
    'of a method that the route does not know: %s %s',
    async (method, path, allow) => {
      const answer = await now().admin.ask(path, { method });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow]);
    },
  );

  it.each(['/queues/..;/api', '//queues/api/queues', '/%71ueues/api/queues', '/QUEUES/api/queues', '/assets/..%2f..%2fmain.js', '/main.js', '/.env', '/api/v1/apps/', '/API/v1/apps'])(
    'of a path that only looks like one of ours gets nothing, and a stranger does not hear even that: %s',
    async (path) => {
      const { admin } = now();
      expect([(await admin.ask(path)).status, (await admin.ask(path, { as: 'nobody' })).status]).toEqual([404, 401]);
    },
  );
});
