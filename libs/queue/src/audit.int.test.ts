import { startTestRedis, type RunningRedis } from '@reveille/testing';
import { createAudit, type Actor, type AuditedAction } from './audit';
import { connectWorker, type RedisClient } from './connect-redis';

const ALICE: Actor = { name: 'alice', role: 'operator', via: 'password' };

let server: RunningRedis;
let redis: RedisClient;

beforeAll(async () => {
  server = await startTestRedis();
  redis = connectWorker({ url: server.url });
});
beforeEach(() => redis.flushall());
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

describe('the audit', () => {
  it('has who did what, newest first, page by page', async () => {
    const audit = createAudit({ redis, prefix: 'test' });
    for (let index = 0; index < 5; index++) {
      await audit.write(ALICE, { action: 'app.pause', app: 'com.example.ios', count: index, detail: { reason: 'a "word"' } });
    }
    const first = await audit.list({ limit: 2 });
    expect(first.entries).toMatchObject([
      { actor: 'alice', role: 'operator', via: 'password', action: 'app.pause', app: 'com.example.ios', count: 4, detail: { reason: 'a "word"' } },
      { count: 3 },
    ]);
    expect(Math.abs((first.entries[0]?.at ?? 0) - Date.now())).toBeLessThan(60_000);
    const second = await audit.list({ limit: 2, cursor: first.next ?? '' });
    const third = await audit.list({ limit: 2, cursor: second.next ?? '' });
    expect([...second.entries, ...third.entries].map(({ count }) => count)).toEqual([2, 1, 0]);
    expect(third.next).toBeNull();
  });

  it('is written before what it tells of, and nothing is done without it', async () => {
    const told: AuditedAction[] = [];
    const audit = createAudit({ redis, prefix: 'test', onEntry: (entry) => told.push(entry) });
    const seen = await audit.audited(ALICE, { action: 'app.resume' }, () => redis.xlen('test:admin:audit'));
    expect(seen).toBe(1);
    expect(told).toMatchObject([{ action: 'app.resume', actor: ALICE }]);
    // What cannot be appended to.
    await redis.set('other:admin:audit', 'x');
    const act = jest.fn(() => Promise.resolve());
    await expect(createAudit({ redis, prefix: 'other' }).audited(ALICE, { action: 'app.resume' }, act)).rejects.toThrow();
    expect(act).not.toHaveBeenCalled();
  });

  it('says of an action that it failed', async () => {
    const audit = createAudit({ redis, prefix: 'test' });
    const failing = audit.audited(ALICE, { action: 'app.drain', app: 'a' }, () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    const { entries } = await audit.list({ limit: 10 });
    expect(entries).toMatchObject([{ action: 'app.drain', app: 'a', detail: { of: entries[1]?.id, failed: true } }, { action: 'app.drain' }]);
  });

  it('is bounded, and passes over what is not its own', async () => {
    const audit = createAudit({ redis, prefix: 'test' });
    await Promise.all(Array.from({ length: 10_500 }, () => audit.write(ALICE, { action: 'x' })));
    expect(await redis.xlen('test:admin:audit')).toBeLessThan(10_200);
    await redis.xadd('test:admin:audit', '*', 'what', 'ever');
    expect((await audit.list({ limit: 2 })).entries).toMatchObject([{ action: 'x' }]);
  });
});
