import { VERSION } from '@reveille/observability';
import { eventually, eventuallyPasses, startTestRedis, useTestRedis, type RunningRedis } from '@reveille/testing';
import { randomUUID } from 'node:crypto';
import { connectProducer, connectWorker, type RedisClient } from '../connect-redis';
import { credentialsByApp } from './credentials-by-app';
import { BEAT, processesKey, readProcesses } from './process-registry';
import type { ProcessCredential, ProcessInfo } from './process-types';
import { readRedisHealth } from './redis-health';
import { startHeartbeat, type HeartbeatOptions } from './start-heartbeat';

let server: RunningRedis;
let redis: RedisClient;
let prefix: string;
let ends: (() => Promise<void>)[];

useTestRedis(connectWorker, (client, started) => {
  redis = client;
  server = started;
});
beforeAll(() => redis.ping());
beforeEach(() => {
  prefix = `test-${randomUUID()}`;
  ends = [];
});
afterEach(async () => {
  await Promise.all(ends.map((end) => end()));
});

const read = () => readProcesses({ redis, prefix });
function start(fields: Partial<HeartbeatOptions> = {}): () => Promise<void> {
  const end = startHeartbeat({ redis, prefix, role: 'dispatcher', ...fields });
  ends.push(end);
  return end;
}
const living = (count: number): Promise<ProcessInfo[]> =>
  eventually(async () => {
    const processes = await read();
    return processes.length === count && processes;
  });
/** As if the last heartbeat had been so long ago. */
async function silence(field: string, ms: number): Promise<void> {
  const value = (await redis.hget(processesKey(prefix), field)) ?? '';
  await redis.hset(processesKey(prefix), field, `${Number(value.split('|')[0]) - ms}${value.slice(value.indexOf('|'))}`);
}

describe('processes', () => {
  it('tell that they live, and how they are', async () => {
    const credentials: ProcessCredential[] = [{ app: 'a', kind: 'certificate', expiresAt: 5 }];
    start({ id: 'host:2', inFlight: () => 7, credentials: () => credentials });
    start({ id: 'host:1', role: 'ingress' });
    const [dispatcher, ingress] = await living(2);
    expect(ingress).toMatchObject({ role: 'ingress', id: 'host:1', credentials: [], load: { inFlight: 0 } });
    expect(dispatcher).toMatchObject({ role: 'dispatcher', id: 'host:2', version: VERSION, credentials, load: { inFlight: 7 } });
    expect(dispatcher?.load.rssBytes).toBeGreaterThan(1e6);
    expect(dispatcher?.load.cpu).toBeGreaterThanOrEqual(0);
    expect(dispatcher?.load.eventLoopP99Ms).toBeGreaterThanOrEqual(0);
    expect(dispatcher?.startedAt).toBeLessThan(dispatcher?.seenAt ?? 0);
    expect(Math.abs((dispatcher?.seenAt ?? 0) - Date.now())).toBeLessThan(5000);
  });

  it('that end are forgotten at once', async () => {
    const end = start({ id: 'host:1' });
    start({ id: 'host:2' });
    await living(2);
    await end();
    expect((await read()).map(({ id }) => id)).toEqual(['host:2']);
  });

  it('that are silent are not shown after 20 s, and forgotten after an hour', async () => {
    for (const id of ['silent', 'gone', 'alive']) start({ id });
    await living(3);
    await silence('dispatcher silent', 21_000);
    await silence('dispatcher gone', 3_601_000);
    expect((await read()).map(({ id }) => id)).toEqual(['alive']);
    expect((await redis.hkeys(processesKey(prefix))).sort()).toEqual(['dispatcher alive', 'dispatcher silent']);
  });

  it('of another version, or what is not ours, are left out', async () => {
    start({ id: 'alive' });
    await living(1);
    await redis.hset(processesKey(prefix), { 'ingress x': `${Date.now()}|{"role":"ingress"}`, 'ingress y': 'nonsense', z: `${Date.now()}|{` });
    expect((await read()).map(({ id }) => id)).toEqual(['alive']);
  });

  it('that start and die again and again fill the hash to its bound, and no further', async () => {
    const entries = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`ingress ${index}`, `${Date.now()}|{}`]));
    await redis.hset(processesKey(prefix), entries);
    expect(await BEAT.run(redis, processesKey(prefix), ['ingress new', '{}'])).toBe('FULL');
    expect(await BEAT.run(redis, processesKey(prefix), ['ingress 5', '{}'])).toBe('OK');
    await silence('ingress 6', 3_601_000);
    expect(await BEAT.run(redis, processesKey(prefix), ['ingress new', '{}'])).toBe('OK');
    expect(await redis.hlen(processesKey(prefix))).toBe(1000);
    expect(await redis.pttl(processesKey(prefix))).toBeGreaterThan(0);
  });

  it('credentials: of each kind of an app the one that ends first', () => {
    const of = (...credentials: ProcessCredential[]): ProcessInfo => ({
      ...{ role: 'dispatcher', id: 'x', version: '1', startedAt: 0, seenAt: 0, credentials },
      load: { eventLoopP99Ms: 0, cpu: 0, rssBytes: 0, inFlight: 0 },
    });
    const first = { app: 'a', kind: 'certificate', expiresAt: 10 } as const;
    const token = { app: 'a', kind: 'access_token', expiresAt: 15 } as const;
    const byApp = credentialsByApp([of({ ...first, expiresAt: 20 }, token), of(first, { ...first, app: 'b' })]);
    expect(byApp.get('a')).toEqual([first, token]);
    expect(byApp.get('b')).toEqual([{ ...first, app: 'b' }]);
  });
});

describe('Redis', () => {
  it('says how it is', async () => {
    const lastSave = (await redis.lastsave()) * 1000;
    await redis.config('SET', 'maxmemory', '1000000000');
    expect(await readRedisHealth(redis)).toEqual({
      ...{ reachable: true, version: expect.stringMatching(/^\d+\.\d+/) as string, role: 'master', usedMemoryBytes: expect.any(Number) as number },
      ...{ maxMemoryBytes: 1_000_000_000, evictionPolicy: 'noeviction', aof: expect.any(Boolean) as boolean },
      ...{ aofFsync: expect.stringMatching(/^(?:always|everysec|no)$/) as string, lastSaveAt: lastSave, servers: 1 },
    });
    await redis.config('SET', 'maxmemory', '0');
    expect(await readRedisHealth(redis)).toMatchObject({ maxMemoryBytes: 0 });
  });

  it('may keep its configuration to itself', async () => {
    await redis.call('ACL', 'SETUSER', 'narrow', 'on', 'nopass', '~*', '+@all', '-config');
    const narrow = connectWorker({ url: server.url.replace('redis://', 'redis://narrow:any@') });
    expect(await readRedisHealth(narrow)).toMatchObject({ reachable: true, role: 'master', aofFsync: null });
    narrow.disconnect();
  });

  it.each([
    ['a worker', connectWorker],
    ['a producer', connectProducer],
  ])('is not reachable when it is not there: %s is told in time', async (_, connect) => {
    const gone = await startTestRedis();
    const away = connect({ url: gone.url });
    away.on('error', () => undefined);
    await eventuallyPasses(async () => expect(await readRedisHealth(away)).toMatchObject({ reachable: true }));
    await gone.stop();
    expect(await readRedisHealth(away)).toEqual({
      ...{ reachable: false, version: null, role: null, usedMemoryBytes: null, maxMemoryBytes: null, evictionPolicy: null },
      ...{ aof: null, aofFsync: null, lastSaveAt: null, servers: 1 },
    });
    away.disconnect();
  });
});
