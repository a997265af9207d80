import { readFile, writeFile } from 'node:fs/promises';

import { appKeyBase, connectWorker, createAppQueue, type AppQueue, type RedisClient } from '@reveille/queue';
import { notifyRequest, startTestCluster, type TestCluster, type TestNode } from '@reveille/testing';

import { iosDevice, type TestDevice } from './devices';
import { expectReady, notifyUntilAccepted } from './failover';
import { apnsApp, askAdmin, IOS, startRelay, type Relay } from './start-relay';
import { until } from './wait';

const PUSHES = 40;

let cluster: TestCluster;
let relay: Relay;
let redis: RedisClient;
let queue: AppQueue;
beforeAll(async () => {
  cluster = await startTestCluster();
  relay = await startRelay({
    admin: true,
    redisUrl: 'none: a cluster',
    config: { redis: { cluster: cluster.addresses, wait_for_replicas: 0 } },
    apps: (simulator) => ({ [IOS]: { ...apnsApp(simulator), queue: { partitions: 2 } } }),
  });
  await expectReady(relay);
  redis = connectWorker({ cluster: cluster.addresses.map((address) => ({ host: '127.0.0.1', port: Number(address.split(':')[1]) })) });
  queue = createAppQueue({ appKey: IOS, prefix: 'reveille', redis, now: Date.now, onError: () => undefined });
});
afterAll(async () => {
  await queue.close();
  redis.disconnect();
  await relay.stop();
  await cluster.stop();
});

/** As an operator does it: the configuration, then both roles anew. Resolves with the number of the ingress. */
async function changePartitions(partitions: number): Promise<number> {
  // As written by the kit.
  const config = JSON.parse(await readFile(relay.configFile, 'utf8')) as { apps: Record<string, object> };
  await writeFile(relay.configFile, JSON.stringify({ ...config, apps: { [IOS]: { ...config.apps[IOS], queue: { partitions } } } }));
  const [ingress, dispatcher] = [relay.ingresses.at(-1), relay.dispatchers.at(-1)];
  if (ingress) await relay.end(ingress);
  if (dispatcher) await relay.end(dispatcher);
  await relay.start('ingress');
  await relay.start('dispatcher');
  return relay.ingresses.length - 1;
}

/** Accepts pushes of new devices. */
async function send(ingress: number): Promise<TestDevice[]> {
  const devices = Array.from({ length: PUSHES }, () => iosDevice());
  for (const device of devices) await notifyUntilAccepted(relay, notifyRequest({ devices: [device.wire] }), ingress);
  return devices;
}

async function tell(action: 'pause' | 'resume'): Promise<void> {
  const answer = await askAdmin(relay, `/api/v1/apps/${IOS}/${action}`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } });
  expect(answer.status).toBe(200);
}

async function waitingByQueue(): Promise<Map<string, number>> {
  const queues = await queue.queues();
  return new Map(await Promise.all(queues.map(async (one): Promise<[string, number]> => [one.key, (await one.counts()).waiting])));
}

const receivedOf = ({ onWire }: TestDevice) => relay.simulator.received({ pushkey: onWire });

it('partitions spread over the masters; with 2, then 4, then 1 of them and jobs waiting nothing is lost, sent twice, or sent while paused', async () => {
  await tell('pause');
  const first = await send(0);
  const withTwo = await waitingByQueue();
  expect([...withTwo.values()].every((count) => count > 0)).toBe(true);

  const second = await send(await changePartitions(4));
  const withFour = await waitingByQueue();
  expect(withFour.size).toBe(4);
  expect([...withFour.values()].every((count) => count > 0)).toBe(true);
  const masters = new Set<TestNode>();
  for (const key of withFour.keys()) masters.add(await cluster.masterOf(appKeyBase('reveille', key)));
  expect(masters.size).toBe(3);

  const third = await send(await changePartitions(1));
  const withOne = await waitingByQueue();
  // The others keep what they had.
  expect(withOne).toEqual(new Map(withFour).set(IOS, (withFour.get(IOS) ?? 0) + PUSHES));
  const all = [...first, ...second, ...third];
  expect(await queue.ledger()).toMatchObject({ accepted: 3 * PUSHES, open: 3 * PUSHES, difference: 0 });
  expect(all.flatMap(receivedOf)).toEqual([]);

  await tell('resume');
  await until(() => all.every((device) => receivedOf(device).length > 0), 'all pushes at the provider');
  await until(async () => (await queue.ledger()).open === 0, 'the end of all');
  expect(await queue.ledger()).toMatchObject({ accepted: 3 * PUSHES, delivered: 3 * PUSHES, difference: 0 });
  for (const device of all) expect(receivedOf(device)).toHaveLength(1);
}, 120_000);

it('what comes to a partition that the dispatcher does not know of yet is sent without its restart', async () => {
  const config = JSON.parse(await readFile(relay.configFile, 'utf8')) as { apps: Record<string, object> };
  await writeFile(relay.configFile, JSON.stringify({ ...config, apps: { [IOS]: { ...config.apps[IOS], queue: { partitions: 6 } } } }));
  await relay.start('ingress');
  const devices = await send(relay.ingresses.length - 1);
  expect((await queue.queues()).length).toBe(6);
  await until(() => devices.every((device) => receivedOf(device).length === 1), 'all pushes at the provider');
}, 60_000);
