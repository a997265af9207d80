import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { freePort } from '@reveille/embedded-redis';
import type { Persistence } from '@reveille/embedded-redis';

import { eventuallyPasses } from './eventually';
import { startTestRedis } from './start-test-redis';
import { temporaryDirectory } from './temporary-directory';
import { infoField, testNode } from './test-node';
import type { TestNode } from './test-node';

export interface TestClusterOptions {
  /** Default 3. */
  readonly masters?: number;
  /** Of each master: 0 (the default) or 1. */
  readonly replicas?: 0 | 1;
  /** Default `none`: nothing on disk but who is who. */
  readonly persistence?: Persistence;
  /** Where the nodes keep their files; by default a directory that ends with the cluster. */
  readonly directory?: string;
  /** Milliseconds until a silent node counts as failed. Default 1000. */
  readonly nodeTimeoutMs?: number;
  /** More lines of redis.conf for each node. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A Redis Cluster on loopback, for tests. */
export interface TestCluster {
  /** The masters of the start, then the replica of each in the same order. */
  readonly nodes: readonly TestNode[];
  /** `host:port` of every node, as `redis.cluster` wants them. */
  readonly addresses: readonly string[];
  /** The node that serves a key now, as the living nodes see it. */
  masterOf(key: string): Promise<TestNode>;
  /** Resolves when every slot is served and all living nodes agree. */
  settled(): Promise<void>;
  /** Resolves when `settled`, and `old` serves nothing any more. */
  switchedFrom(old: TestNode): Promise<void>;
  stop(): Promise<void>;
}

const SLOTS = 16_384;
const NODE_TIMEOUT_MS = 1000;
/** The nodes talk to each other on a second port so much higher. */
const BUS_PORT_OFFSET = 10_000;
const HIGHEST_PORT = 65_535;

/**
 * Starts a Redis Cluster whose slots are spread evenly over its masters, within about two seconds. A part of the slots may
 * fail without the others (`cluster-require-full-coverage no`, as operations.md recommends). It ends with this process.
 */
export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const masters = options.masters ?? 3;
  const own = options.directory === undefined ? await temporaryDirectory() : undefined;
  const directory = own?.path ?? options.directory ?? '';
  const count = masters * (1 + (options.replicas ?? 0));
  const nodes = await Promise.all(Array.from({ length: count }, (_, index) => startNode(join(directory, `node-${index}`), options)));
  const cluster: TestCluster = {
    nodes,
    addresses: nodes.map(({ address }) => address),
    masterOf: (key) => masterOf(nodes, key),
    settled: () => settled(nodes),
    switchedFrom: (old) => settled(nodes, old),
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      await own?.remove();
    },
  };
  try {
    await form(nodes, masters);
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

async function startNode(directory: string, options: TestClusterOptions): Promise<TestNode> {
  await mkdir(directory, { recursive: true });
  const start = (port?: number) =>
    startTestRedis({
      ...(port !== undefined && { port }),
      findPort: portWithBus,
      persistence: options.persistence ?? 'none',
      directory,
      settings: {
        dir: directory,
        'cluster-enabled': 'yes',
        'cluster-config-file': 'nodes.conf',
        'cluster-node-timeout': String(options.nodeTimeoutMs ?? NODE_TIMEOUT_MS),
        'cluster-require-full-coverage': 'no',
        // A replica may take over however long its master has been silent.
        'cluster-replica-validity-factor': '0',
        'repl-diskless-sync-delay': '0',
        ...options.settings,
      },
    });
  return testNode(await start(), start);
}

async function portWithBus(): Promise<number> {
  for (;;) {
    const port = await freePort();
    if (port + BUS_PORT_OFFSET <= HIGHEST_PORT) return port;
  }
}

async function form(nodes: readonly TestNode[], masters: number): Promise<void> {
  const [first] = nodes;
  for (const [index, node] of nodes.entries()) {
    await node.call('CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
    if (index >= masters) continue;
    const [from, to] = [index, index + 1].map((part) => Math.round((SLOTS * part) / masters));
    await node.call('CLUSTER', 'ADDSLOTS', ...numbers(from ?? 0, to ?? 0));
  }
  for (const node of nodes.slice(1)) await first?.call('CLUSTER', 'MEET', '127.0.0.1', node.port);
  await Promise.all(nodes.map((node) => knowsAll(node, nodes.length)));
  for (const [index, node] of nodes.slice(masters).entries()) {
    await node.call('CLUSTER', 'REPLICATE', String(await nodes[index]?.call('CLUSTER', 'MYID')));
  }
  await settled(nodes);
  await Promise.all(nodes.slice(masters).map(follows));
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

async function knowsAll(node: TestNode, count: number): Promise<void> {
  await eventuallyPasses(async () => {
    const known = String(await node.call('CLUSTER', 'NODES')).trim().split('\n');
    const settledLines = known.filter((line) => !/handshake|noaddr/.test(line));
    if (settledLines.length !== count) throw new Error(`node ${node.port} knows ${settledLines.length} of ${count} nodes`);
  });
}

async function follows(node: TestNode): Promise<void> {
  await eventuallyPasses(async () => {
    const link = infoField(await node.call('INFO', 'replication'), 'master_link_status');
    if (link !== 'up') throw new Error(`the replica on ${node.port} is not in step (${link})`);
  });
}

async function settled(nodes: readonly TestNode[], without?: TestNode): Promise<void> {
  await eventuallyPasses(
    async () => {
      for (const node of await living(nodes)) {
        const info = await node.call('CLUSTER', 'INFO');
        const [state, served] = [infoField(info, 'cluster_state'), infoField(info, 'cluster_slots_ok')];
        if (state !== 'ok' || served !== String(SLOTS)) throw new Error(`node ${node.port}: ${state}, ${served} slots`);
        const ranges = await slotRanges(node);
        if (ranges.some(([, , master]) => master?.[1] === without?.port)) throw new Error(`${without?.port} is a master still`);
      }
    },
    { timeoutMs: 30_000, intervalMs: 50 },
  );
}

async function living(nodes: readonly TestNode[]): Promise<TestNode[]> {
  const answers = await Promise.all(nodes.map((node) => node.call('PING').then(() => true, () => false)));
  return nodes.filter((_, index) => answers[index]);
}

/** One range of CLUSTER SLOTS: first slot, last slot, then the nodes, the master first, each as address, port, id. */
type SlotRange = readonly [number, number, ...(readonly [string, number, string])[]];

async function slotRanges(node: TestNode): Promise<SlotRange[]> {
  return (await node.call('CLUSTER', 'SLOTS')) as SlotRange[]; // Redis' documented form
}

async function masterOf(nodes: readonly TestNode[], key: string): Promise<TestNode> {
  for (const node of await living(nodes)) {
    const slot = Number(await node.call('CLUSTER', 'KEYSLOT', key));
    const port = (await slotRanges(node)).find(([from, to]) => from <= slot && slot <= to)?.[2]?.[1];
    const found = nodes.find((each) => each.port === port);
    if (found) return found;
  }
  throw new Error(`nobody serves ${key}`);
}
