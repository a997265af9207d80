import { ClusterRedis } from '../cluster-redis';
import { delay } from '../delay';
import { APPS } from '../devices';
import type { Bounds, Scenario } from '../scenario';
import { SentinelRedis } from '../sentinel-redis';
import { READY_MS, STALLED_MS, USUAL_LOAD_MS } from './usual-bounds';

const DOWN_MS = 5000;
const AFTER_FAILOVER_MS = 1000;

/** What a replica had not been told when its master died is gone: replication does not wait. */
const withoutWaiting = (pushes: number): Bounds => {
  const second = Math.ceil((pushes / USUAL_LOAD_MS) * 1000);
  return {
    lost: second,
    lostWindowMs: 1000,
    expired: Math.ceil(pushes * 0.005),
    secondPushes: second,
    differentIds: Math.ceil(second * 0.1),
    readyMs: READY_MS,
    delayMs: STALLED_MS,
  };
};

/** A call has a minute, and a failover takes a part of it. */
const nothingLost = (pushes: number): Bounds => ({
  expired: Math.ceil(pushes * 0.005),
  secondPushes: Math.ceil(pushes * 0.1),
  readyMs: READY_MS,
  delayMs: STALLED_MS,
});

/** A replica is promoted by Sentinel. */
export const sentinelScenarios: readonly Scenario<SentinelRedis>[] = [
  {
    name: 'sentinel-failover',
    summary: 'kill -9 of the master; Sentinel promotes its replica; the old one comes back as a replica',
    startRedis: (directory) => SentinelRedis.start(directory, { replicas: 1, waitForReplicas: 0 }),
    loadMs: USUAL_LOAD_MS,
    inflict: killMaster,
    bounds: withoutWaiting,
  },
  {
    name: 'sentinel-failover-waited',
    summary: 'the same with two replicas and `wait_for_replicas: 1`',
    startRedis: (directory) => SentinelRedis.start(directory, { replicas: 2, waitForReplicas: 1 }),
    loadMs: USUAL_LOAD_MS,
    inflict: killMaster,
    bounds: nothingLost,
  },
  {
    name: 'sentinel-hang',
    summary: 'the master stands still, Sentinel promotes its replica, and the old one wakes up; `wait_for_replicas: 1`',
    startRedis: (directory) => SentinelRedis.start(directory, { replicas: 2, waitForReplicas: 1 }),
    loadMs: USUAL_LOAD_MS,
    async inflict({ redis }) {
      const old = await redis.pauseMaster();
      await delay(AFTER_FAILOVER_MS);
      old.resume();
      return undefined;
    },
    bounds: nothingLost,
  },
];

/** A slot's master dies in a Cluster of three. */
export const clusterScenarios: readonly Scenario<ClusterRedis>[] = [
  {
    name: 'cluster-failover',
    summary: "kill -9 of a slot's master in a Cluster of three with replicas; its replica takes over",
    startRedis: (directory) => ClusterRedis.start(directory, 1),
    loadMs: USUAL_LOAD_MS,
    async inflict({ redis }) {
      const old = await redis.killMasterOf(APPS.ios);
      await redis.switchedFrom(old);
      await delay(AFTER_FAILOVER_MS);
      await old.restart();
      return undefined;
    },
    bounds: withoutWaiting,
  },
  {
    name: 'cluster-slot-down',
    summary: "kill -9 of a slot's master in a Cluster of three without replicas; it is back after 5 s",
    startRedis: (directory) => ClusterRedis.start(directory, 0),
    loadMs: USUAL_LOAD_MS,
    async inflict({ redis }) {
      const node = await redis.killMasterOf(APPS.ios);
      await delay(DOWN_MS);
      await node.restart();
      return undefined;
    },
    bounds: nothingLost,
  },
];

async function killMaster({ redis }: { readonly redis: SentinelRedis }): Promise<undefined> {
  const old = await redis.killMaster();
  await delay(AFTER_FAILOVER_MS);
  await old.restart();
}
