import { startTestCluster, startTestSentinel, type TestCluster, type TestSentinel } from '@reveille/testing';
import { connectProducer, type RedisClient } from './connect-redis';
import { appKeyBase } from './keyspace';
import { replicatedScript, TooFewReplicasError } from './replicated-script';
import { createScript } from './script';
import { startTestRelay } from './test-relay';

const APP = 'com.example.ios';
const WRITE = createScript(`return redis.call('INCR', KEYS[1])`);

jest.setTimeout(60_000);

describe('a master with a replica', () => {
  let setUp: TestSentinel;
  let redis: RedisClient;
  beforeAll(async () => {
    setUp = await startTestSentinel({ sentinels: 1 });
    redis = connectProducer({ url: setUp.nodes[0]?.url ?? '' });
    await new Promise((resolve) => redis.once('ready', resolve));
  });
  afterAll(async () => {
    redis.disconnect();
    await setUp.stop();
  });

  it('what was acknowledged is on the replica', async () => {
    const run = replicatedScript(WRITE, { replicas: 1, timeoutMs: 5000 });
    expect(await run.run(redis, 'counter', [])).toBe(1);
    expect(await setUp.nodes[1]?.call('GET', 'counter')).toBe('1');
    expect(await run.run(redis, 'counter', [])).toBe(2);
    expect(await setUp.nodes[1]?.call('GET', 'counter')).toBe('2');
  });

  it('too few replicas: refused, although it is written; the next ones do not wait as long', async () => {
    const run = replicatedScript(WRITE, { replicas: 2, timeoutMs: 1000 });
    const times: number[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const start = performance.now();
      await expect(run.run(redis, 'refused', [])).rejects.toThrow(TooFewReplicasError);
      times.push(performance.now() - start);
    }
    expect(times[0]).toBeGreaterThan(900);
    expect(Math.max(...times.slice(1))).toBeLessThan(900);
    expect(await setUp.nodes[0]?.call('GET', 'refused')).toBe('3');
  });

  it('an admission is acknowledged only with the replica; its resend, through any ingress, not before either', async () => {
    const address = { url: setUp.nodes[0]?.url ?? '' };
    const [one, other] = [1, 2].map(() => startTestRelay({ address, apps: [], waitForReplicas: 1, prefix: 'shared' }));
    if (!one || !other) throw new Error('not started');
    try {
      await one.enqueueUntilAccepted(APP);
      await other.enqueueUntilAccepted(APP);
      setUp.nodes[1]?.pause();
      const id = 'an-event';
      const refused = { ok: false, reason: 'unavailable', detail: 'TOO_FEW_REPLICAS' };
      expect(await one.enqueue(APP, id)).toEqual(refused);
      expect(await other.enqueue(APP, id)).toEqual(refused);
      setUp.nodes[1]?.resume();
      await other.enqueueUntilAccepted(APP);
      expect(await other.enqueue(APP, id)).toEqual({ ok: true, verdicts: ['duplicate'] });
    } finally {
      setUp.nodes[1]?.resume();
      await one.close();
      await other.close();
    }
  });
});

describe('a cluster', () => {
  let cluster: TestCluster;
  beforeAll(async () => {
    cluster = await startTestCluster({ replicas: 1 });
  });
  afterAll(() => cluster.stop());

  it('waits on the node that has the slot, also after a failover', async () => {
    const apps = ['a', 'b', 'c', 'd', 'e', 'f'];
    const address = { cluster: cluster.nodes.map(({ port }) => ({ host: '127.0.0.1', port })) };
    const relay = startTestRelay({ address, apps, waitForReplicas: 1 });
    try {
      for (const app of apps) await relay.arrival(await relay.enqueueUntilAccepted(app));
      const old = await cluster.masterOf(appKeyBase(relay.prefix, 'a'));
      // Its successor is told by a redirection, which ioredis does not follow behind a WAIT.
      const replica = cluster.nodes[cluster.nodes.indexOf(old) + 3];
      await replica?.call('CLUSTER', 'FAILOVER');
      await cluster.switchedFrom(old);
      for (const app of apps) await relay.arrival(await relay.enqueueUntilAccepted(app));
      await old.kill();
      expect(await relay.enqueue('a')).toMatchObject({ ok: false, detail: 'TOO_FEW_REPLICAS' });
    } finally {
      await relay.close();
    }
  });
});
