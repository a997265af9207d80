import { eventually } from '@reveille/testing';

import { CONTENT, EVENT_ID, IOS, PUSHKEY } from './test-admin.fixture';
import { DEVICE, enqueue, fail, remember, storm } from './test-relay.fixture';
import { useTestApi } from './test-api-use.fixture';

/** Only ever the length of a failure. Milliseconds. */
jest.setTimeout(30_000);

const { answers, ask, now, post } = useTestApi();

describe('whose device it is and what was said', () => {
  it('is in no answer and in no line of the log', async () => {
    const texts: string[] = [];
    await enqueue(now().redis, 2);
    const [id = ''] = await fail(now().redis, 2);
    await remember(now().redis);
    await storm(now().redis, 25);
    await post('/api/v1/rejections/lookup', { app: IOS, pushkey: PUSHKEY });
    await post('/api/v1/failed/search', { app: IOS, pushkey: PUSHKEY });
    await post('/api/v1/explain', { app: IOS, event_id: EVENT_ID, pushkey: PUSHKEY });
    await post('/api/v1/login', { name: PUSHKEY, password: PUSHKEY });
    await ask(`/api/v1/failed/${id}?app=${IOS}`);
    for (const { method, path, isPublic } of now().document.routes) {
      const url = path.replace('{app}', IOS).replace('{id}', id);
      if (method === 'GET' && !isPublic) await ask(url + (url.includes('/failed/') ? `?app=${IOS}` : ''));
    }
    const board = ['/queues/', '/queues/api/queues', `/queues/api/queues?activeQueue=${IOS}&status=failed&page=1&jobsPerPage=10`, `/queues/api/queues/${IOS}/${id}`];
    for (const path of board) {
      const answer = await now().admin.ask(path);
      expect({ path, status: answer.status }).toEqual({ path, status: 200 });
      texts.push(answer.text);
    }
    for (const path of ['logs', 'flow'].map((part) => `/queues/api/queues/${IOS}/${id}/${part}`)) texts.push((await now().admin.ask(path)).text);
    texts.push(...answers);
    expect(texts.join('\n')).toContain(DEVICE);
    const leaks = texts.filter((text) => text.includes('SENTINEL') || text.includes(CONTENT) || text.includes(PUSHKEY));
    expect(leaks.map((text) => text.slice(0, 300))).toEqual([]);
    await eventually(() => now().admin.log().includes('"msg":"admin"'));
    expect(now().admin.log()).not.toContain('SENTINEL');
  });
});
