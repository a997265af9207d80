import { startTestCluster, type TestCluster } from './start-test-cluster';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startTestCluster({ replicas: 1 });
}, 30_000);
afterAll(() => cluster.stop());

it('is three masters with a replica each', async () => {
  expect(cluster.nodes).toHaveLength(6);
  const masters = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => cluster.masterOf(`{${key}}`)));
  expect(new Set(masters)).toEqual(new Set(cluster.nodes.slice(0, 3)));
});

it('a replica takes the place of a master that dies, and the dead one comes back as its replica', async () => {
  const old = await cluster.masterOf('a');
  await old.kill();
  await cluster.switchedFrom(old);
  const successor = await cluster.masterOf('a');
  expect(successor).toBe(cluster.nodes[cluster.nodes.indexOf(old) + 3]);
  await old.restart();
  await cluster.settled();
  expect(await cluster.masterOf('a')).toBe(successor);
}, 60_000);
