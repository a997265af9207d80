import { join } from 'node:path';

import { appKeyBase, connectWorker, type RedisClient } from '@reveille/queue';
import { startTestCluster, type TestCluster, type TestNode } from '@reveille/testing';

import type { ChaosRedis } from './chaos-redis';
import { REDIS_PREFIX } from './relay-configuration';
import { toAddress } from './to-address';

/** A Redis Cluster of three masters, with or without a replica of each. */
export class ClusterRedis implements ChaosRedis {
  readonly settings: ChaosRedis['settings'];
  readonly client: RedisClient;

  private constructor(private readonly cluster: TestCluster) {
    const { addresses } = cluster;
    this.settings = { cluster: addresses };
    this.client = connectWorker({ cluster: addresses.map(toAddress) });
  }

  static async start(directory: string, replicas: 0 | 1): Promise<ClusterRedis> {
    const options = { directory: join(directory, 'cluster'), persistence: 'everysec', replicas } as const;
    return new ClusterRedis(await startTestCluster(options));
  }

  /** SIGKILL of the master that has an app's queue. */
  async killMasterOf(appKey: string): Promise<TestNode> {
    const node = await this.cluster.masterOf(appKeyBase(REDIS_PREFIX, appKey));
    await node.kill();
    return node;
  }

  /** Resolves once another node serves what `old` served. */
  async switchedFrom(old: TestNode): Promise<void> {
    await this.cluster.switchedFrom(old);
  }

  async stop(): Promise<void> {
    this.client.disconnect();
    await this.cluster.stop();
  }
}
