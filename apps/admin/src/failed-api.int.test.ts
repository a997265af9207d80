import { EVENT_ID, HASHES, IOS, OTHERS, PUSHKEY, ROOM_ID } from './test-admin.fixture';
import { DEVICE, fail, REFUSED, remember } from './test-relay.fixture';
import { useTestApi } from './test-api-use.fixture';

/** Only ever the length of a failure. Milliseconds. */
jest.setTimeout(30_000);

const { ask, now, post } = useTestApi();

describe('failed pushes', () => {
  it('are found by everything that is known of them', async () => {
    const ids = await fail(now().redis, 3);
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
    const ids = await fail(now().redis, 5);
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
    await fail(now().redis);
    expect(await post('/api/v1/failed/search', { app: IOS, pushkey: PUSHKEY })).toMatchObject({ status: 200, body: { total: 1 } });
    expect(await post('/api/v1/failed/search', { app_id: IOS, pushkey: 'another' })).toMatchObject({ body: { total: 0 } });
  });

  it('are grouped by cause', async () => {
    await fail(now().redis, 2);
    expect(await ask('/api/v1/failed/causes?since=1h')).toMatchObject({ status: 200, body: { causes: [{ app: IOS, ...REFUSED, count: 2 }] } });
  });

  it('of which the provider said nothing are told from the others', async () => {
    await fail(now().redis, 2);
    expect((await ask('/api/v1/failed?provider_status=none')).body).toMatchObject({ total: 0 });
    expect((await ask('/api/v1/failed?provider_reason=none')).body).toMatchObject({ total: 0 });
    expect((await ask('/api/v1/failed?provider_status=some')).status).toBe(400);
    for (const none of ['none', null]) {
      const body = { filter: { provider_status: none, provider_reason: none }, preview: true };
      expect(await post('/api/v1/replays', body)).toMatchObject({ status: 200, body: { preview: { matched: 0 } } });
    }
    expect(await post('/api/v1/failed/search', { provider_status: 413 })).toMatchObject({ body: { total: 2 } });
  });

  it('are shown one by one, with their attempts and without their content', async () => {
    const [id = ''] = await fail(now().redis);
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
    await remember(now().redis);
    const known = { known: true, app: IOS, pushkey_hash: DEVICE, reason: 'Unregistered', told: 0 };
    expect(await post('/api/v1/rejections/lookup', { app: IOS, pushkey: PUSHKEY })).toMatchObject({ status: 200, body: known });
    expect(await ask(`/api/v1/rejections?${query}`)).toMatchObject({ status: 200, body: known });
    expect(await ask(`/api/v1/rejections?${query}`, { method: 'DELETE' })).toMatchObject({ status: 200, body: { forgotten: true } });
    expect(await ask(`/api/v1/rejections?${query}`, { method: 'DELETE' })).toMatchObject({ status: 200, body: { forgotten: false } });
    expect(await ask(`/api/v1/rejections?${query}`)).toMatchObject({ body: { known: false, since: null, reason: null } });
  });
});
