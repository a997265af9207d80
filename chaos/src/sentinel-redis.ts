import { join } from 'node:path';

import { connectWorker, type RedisClient } from '@reveille/queue';
import { startTestSentinel, type TestNode, type TestSentinel } from '@reveille/testing';

import type { ChaosRedis } from './chaos-redis';
import { toAddress } from './to-address';

export interface SentinelRedisOptions {
  readonly replicas: number;
  /** `redis.wait_for_replicas`. */
  readonly waitForReplicas: number;
}

/** A master, its replicas and three Sentinels. */
export class SentinelRedis implements ChaosRedis {
  readonly settings: ChaosRedis['settings'];
  readonly client: RedisClient;

  private constructor(
    private readonly servers: TestSentinel,
    { waitForReplicas }: SentinelRedisOptions,
  ) {
    const { addresses, name } = servers;
    this.settings = { sentinels: addresses, name, wait_for_replicas: waitForReplicas };
    this.client = connectWorker({ sentinels: addresses.map(toAddress), name });
  }

  static async start(directory: string, options: SentinelRedisOptions): Promise<SentinelRedis> {
    const { replicas } = options;
    const servers = await startTestSentinel({ directory: join(directory, 'sentinel'), persistence: 'everysec', replicas });
    return new SentinelRedis(servers, options);
  }

  /** SIGKILL of the master; resolves with it once the Sentinels have promoted a replica. */
  async killMaster(): Promise<TestNode> {
    const old = await this.servers.master();
    await old.kill();
    await this.servers.switchedFrom(old);
    return old;
  }

  /** The master stands still (SIGSTOP): its connections stay open. Resolves with it once a replica was promoted. */
  async pauseMaster(): Promise<TestNode> {
    const old = await this.servers.master();
    old.pause();
    await this.servers.switchedFrom(old);
    return old;
  }

  async stop(): Promise<void> {
    this.client.disconnect();
    await this.servers.stop();
  }
}
