import { eventuallyPasses, startTestCluster, type TestCluster } from '@reveille/testing';
import { checkReachable, checkWritable, findEvictionPolicy } from './check-redis';
import { createDispatchCodec } from './dispatch-codec';
import { createFailedPushes } from './failed/failed-pushes';
import { putFailed } from './failed/put-failed';
import { FAILED_AT, push } from './failed/test-failed';
import { appKeyBase } from './keyspace';
import { readRedisHealth } from './processes/redis-health';
import { startTestRelay, type TestRelay } from './test-relay';

/** Apps of which each master has some. */
const APPS = Array.from({ length: 9 }, (_, index) => `com.example.app${index}`);
/** A homeserver is answered in time; what a busy machine adds is not what is tested. Milliseconds. */
const ANSWER_MS = 2500;

/** A worker gives a silent connection up after 30 s; it must have left the hung master before. Milliseconds. */
const BEFORE_SILENCE_MS = 20_000;

jest.setTimeout(120_000);

let cluster: TestCluster;
let relay: TestRelay;
const addressOf = ({ addresses }: TestCluster) => ({
  cluster: addresses.map((address) => ({ host: '127.0.0.1', port: Number(address.split(':')[1]) })),
});
beforeAll(async () => {
  cluster = await startTestCluster({ replicas: 1, persistence: 'everysec' });
  relay = startTestRelay({ address: addressOf(cluster), apps: APPS });
});
afterAll(async () => {
  await relay.close();
  await cluster.stop();
});

const masterOfApp = (app: string) => cluster.masterOf(appKeyBase(relay.prefix, app));

it('takes a push of every app and gives it to its worker; the apps spread over the masters', async () => {
  const ids = await Promise.all(APPS.map((app) => relay.enqueueUntilAccepted(app)));
  for (const id of ids) await relay.arrival(id);
  expect(new Set(await Promise.all(APPS.map(masterOfApp))).size).toBeGreaterThan(1);
  expect(await checkWritable(relay.producer, relay.prefix)).toBe(true);
  expect(await checkReachable(relay.producer)).toBe(true);
});

it('a burst as soon as it is ready is accepted', async () => {
  const fresh = startTestRelay({ address: addressOf(cluster), apps: [] });
  await eventuallyPasses(async () => expect(await checkWritable(fresh.producer, fresh.prefix)).toBe(true));
  const results = await Promise.all(Array.from({ length: 200 }, (_, index) => fresh.enqueue(APPS[index % 9] ?? '')));
  await fresh.close();
  expect(results.filter(({ ok }) => !ok)).toEqual([]);
});

it('finds the failed pushes of apps on all masters', async () => {
  const failed = createFailedPushes({ redis: relay.producer, prefix: relay.prefix, apps: () => Promise.resolve(APPS), codec: createDispatchCodec() });
  for (const [index, appKey] of APPS.entries()) await putFailed({ redis: relay.producer, prefix: relay.prefix, appKey }, [push({ failedAt: FAILED_AT + index })]);
  const { total, items, unreachable } = await failed.search({ reason: 'poison' }, { limit: 5 });
  expect({ total, unreachable, apps: items.map(({ app }) => app) }).toEqual({ total: 9, unreachable: [], apps: APPS.slice(4).reverse() });
  expect((await failed.causes({})).causes).toHaveLength(9);
});

it('says how all masters are together', async () => {
  const together = { reachable: true, role: 'cluster', servers: 3, maxMemoryBytes: 0, evictionPolicy: 'noeviction', aofFsync: 'everysec' };
  for (const redis of [relay.producer, relay.worker]) {
    // Until a client knows the Cluster, it takes every address that it was given for a master.
    await eventuallyPasses(async () => expect(await readRedisHealth(redis)).toMatchObject(together));
    expect((await readRedisHealth(redis)).usedMemoryBytes).toBeGreaterThan(1e6);
  }
});

it('an eviction policy on any master is found', async () => {
  expect(await findEvictionPolicy(relay.producer)).toBeUndefined();
  await cluster.nodes[1]?.call('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
  expect(await findEvictionPolicy(relay.producer)).toBe('allkeys-lru');
  await cluster.nodes[1]?.call('CONFIG', 'SET', 'maxmemory-policy', 'noeviction');
});

it.each(['dies', 'hangs'])('a master that %s: 503 for its apps in time, the others flow, and its replica goes on', async (how) => {
  const [app = ''] = APPS;
  const old = await masterOfApp(app);
  const others = [];
  for (const each of APPS) if ((await masterOfApp(each)) !== old) others.push(each);
  const before = await relay.enqueueUntilAccepted(app);
  await relay.arrival(before);

  if (how === 'dies') await old.kill();
  else old.pause();
  const start = performance.now();
  const refused = await relay.enqueue(app);
  expect(performance.now() - start).toBeLessThan(ANSWER_MS);
  expect(refused).toMatchObject({ ok: false, reason: 'unavailable' });
  expect(await relay.enqueue(others[0] ?? '')).toMatchObject({ ok: true });
  expect(await checkWritable(relay.producer, relay.prefix)).toBe(true);

  await cluster.switchedFrom(old);
  await relay.arrival(await relay.enqueueUntilAccepted(app), BEFORE_SILENCE_MS);
  await relay.arrival(await relay.enqueueUntilAccepted(others[0] ?? ''));
  if (how === 'dies') await old.restart();
  else old.resume();
  await cluster.settled();
  for (const each of APPS) await relay.arrival(await relay.enqueueUntilAccepted(each));
  // The replica must be in step again before the next test takes its master away.
  await eventuallyPasses(async () => expect(await old.call('INFO', 'replication')).toMatch(/role:slave[^]*master_link_status:up/), {
    timeoutMs: 30_000,
  });
});

it('the whole cluster dies and comes back: producers and workers go on by themselves', async () => {
  const ids = await Promise.all(APPS.map((app) => relay.enqueueUntilAccepted(app)));
  await Promise.all(ids.map((id) => relay.arrival(id)));
  await Promise.all(cluster.nodes.map((node) => node.kill()));
  expect(await relay.enqueue(APPS[0] ?? '')).toMatchObject({ ok: false });
  expect(await checkWritable(relay.producer, relay.prefix)).toMatch(/^Redis: /);
  expect(await checkReachable(relay.producer)).toMatch(/^Redis: /);
  await Promise.all(cluster.nodes.map((node) => node.restart()));
  await cluster.settled();
  for (const app of APPS) await relay.arrival(await relay.enqueueUntilAccepted(app));
});
