import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { freePort, RunningRedis } from '@reveille/embedded-redis';
import type { Persistence, RedisServer } from '@reveille/embedded-redis';

import { eventually, eventuallyPasses } from './eventually';
import { findTestServer, startTestRedis } from './start-test-redis';
import { temporaryDirectory } from './temporary-directory';
import { infoField, testNode } from './test-node';
import type { TestNode } from './test-node';

export interface TestSentinelOptions {
  /** Default 3; with 1 its own word is enough. */
  readonly sentinels?: number;
  /** Replicas of the master. Default 1. */
  readonly replicas?: number;
  /** Default `none`: nothing on disk. */
  readonly persistence?: Persistence;
  /** Where the servers keep their files; by default a directory that ends with them. */
  readonly directory?: string;
  /** Milliseconds until a silent master counts as down. Default 1000. */
  readonly downAfterMs?: number;
  /** More lines of redis.conf for master and replicas. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A master, its replicas and the Sentinels that watch them, on loopback, for tests. */
export interface TestSentinel {
  /** What the Sentinels call the master. */
  readonly name: string;
  /** `host:port` of each Sentinel, as `redis.sentinels` wants them. */
  readonly addresses: readonly string[];
  /** The master of the start, then its replicas. */
  readonly nodes: readonly TestNode[];
  readonly sentinels: readonly TestNode[];
  /** Who is master now, as most Sentinels see it. */
  master(): Promise<TestNode>;
  /** Resolves with the new master once most Sentinels name another one than `old` and it takes writes. */
  switchedFrom(old: TestNode): Promise<TestNode>;
  stop(): Promise<void>;
}

const NAME = 'mymaster';
const DOWN_AFTER_MS = 1000;
/** A failover that got stuck is begun again after twice this time, in milliseconds. */
const FAILOVER_TIMEOUT_MS = 2000;
/** A failover takes down-after, an election and a promotion; a busy machine takes its time. Milliseconds. */
const PATIENCE_MS = 60_000;
const START_TIMEOUT_MS = 20_000;
const START_ATTEMPTS = 5;

/** Starts them and resolves when the Sentinels know each other and the replicas, within about three seconds. */
export async function startTestSentinel(options: TestSentinelOptions = {}): Promise<TestSentinel> {
  const own = options.directory === undefined ? await temporaryDirectory() : undefined;
  const directory = own?.path ?? options.directory ?? '';
  const started: TestNode[] = [];
  const keep = (node: TestNode): TestNode => {
    started.push(node);
    return node;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((node) => node.stop()));
    await own?.remove();
  };
  try {
    const place = { directory, options, keep };
    const master = keep(await startServer(join(directory, 'redis-0'), options));
    const nodes = [master, ...(await startReplicas(place, master))];
    const sentinels = await startSentinels(place, master);
    await Promise.all(sentinels.map((sentinel) => knows(sentinel, sentinels.length - 1, nodes.length - 1)));
    return {
      name: NAME,
      addresses: sentinels.map(({ address }) => address),
      nodes,
      sentinels,
      master: () => masterOf(nodes, sentinels),
      switchedFrom: (old) => switchedFrom(old, nodes, sentinels),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Place {
  readonly directory: string;
  readonly options: TestSentinelOptions;
  /** Notes a node, so that it is ended with the others. */
  readonly keep: (node: TestNode) => TestNode;
}

async function startReplicas({ directory, options, keep }: Place, master: TestNode): Promise<TestNode[]> {
  const replicas: TestNode[] = [];
  for (let index = 1; index <= (options.replicas ?? 1); index += 1) {
    const replica = keep(await startServer(join(directory, `redis-${index}`), options));
    await replica.call('REPLICAOF', '127.0.0.1', master.port);
    await inStep(replica);
    replicas.push(replica);
  }
  return replicas;
}

async function startSentinels({ directory, options, keep }: Place, master: TestNode): Promise<TestNode[]> {
  const sentinels: TestNode[] = [];
  for (let index = 0; index < (options.sentinels ?? 3); index += 1) {
    sentinels.push(keep(await startSentinel(join(directory, `sentinel-${index}`), master, options)));
  }
  return sentinels;
}

async function startServer(directory: string, options: TestSentinelOptions): Promise<TestNode> {
  await mkdir(directory, { recursive: true });
  const start = (port?: number) =>
    startTestRedis({
      ...(port !== undefined && { port }),
      persistence: options.persistence ?? 'none',
      directory,
      settings: { dir: directory, 'repl-diskless-sync-delay': '0', ...options.settings },
    });
  return testNode(await start(), start);
}

async function startSentinel(directory: string, master: TestNode, options: TestSentinelOptions): Promise<TestNode> {
  await mkdir(directory, { recursive: true });
  const server = await findTestServer();
  const file = join(directory, 'sentinel.conf');
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    await writeFile(file, sentinelConfiguration({ directory, port, master, options }));
    const running = launchSentinel(server, file, port);
    const restart = async (): Promise<RunningRedis> => {
      const again = launchSentinel(server, file, port);
      if (!(await again.saidReady(START_TIMEOUT_MS))) throw new Error(`the Sentinel did not come back: ${again.lastLines()}`);
      return again;
    };
    if (await running.saidReady(START_TIMEOUT_MS)) return testNode(running, restart);
    await running.kill();
    // Somebody else may have taken the port meanwhile.
    if (attempt === START_ATTEMPTS) throw new Error(`the Sentinel did not start: ${running.lastLines()}`);
  }
}

function sentinelConfiguration(what: { directory: string; port: number; master: TestNode; options: TestSentinelOptions }): string {
  const { directory, port, master, options } = what;
  const quorum = Math.floor((options.sentinels ?? 3) / 2) + 1;
  return [
    'bind 127.0.0.1',
    `port ${port}`,
    `dir "${directory}"`,
    `sentinel monitor ${NAME} 127.0.0.1 ${master.port} ${quorum}`,
    `sentinel down-after-milliseconds ${NAME} ${options.downAfterMs ?? DOWN_AFTER_MS}`,
    `sentinel failover-timeout ${NAME} ${FAILOVER_TIMEOUT_MS}`,
    '',
  ].join('\n');
}

/** A Sentinel needs its configuration as a file, since it keeps what it learns in there. */
function launchSentinel(server: RedisServer, file: string, port: number): RunningRedis {
  const child = spawn(server.command, [file, '--sentinel'], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(server.command.includes('/') && { env: { ...server.environment } }),
  });
  return new RunningRedis(child, { port, keepsNothing: true, readyLine: '+monitor master', onExit: () => Promise.resolve() });
}

async function inStep(replica: TestNode): Promise<void> {
  await eventuallyPasses(async () => {
    const link = infoField(await replica.call('INFO', 'replication'), 'master_link_status');
    if (link !== 'up') throw new Error(`the replica on ${replica.port} is not in step (${link})`);
  });
}

async function knows(sentinel: TestNode, others: number, replicas: number): Promise<void> {
  await eventuallyPasses(
    async () => {
      const fields = (await sentinel.call('SENTINEL', 'MASTER', NAME)) as string[]; // names and values by turns
      const field = (name: string): number => Number(fields[fields.indexOf(name) + 1]);
      const [knownOthers, knownReplicas] = [field('num-other-sentinels'), field('num-slaves')];
      if (knownOthers !== others || knownReplicas !== replicas) {
        throw new Error(`Sentinel ${sentinel.port} knows ${knownOthers} Sentinels and ${knownReplicas} replicas`);
      }
    },
    { timeoutMs: PATIENCE_MS, intervalMs: 50 },
  );
}

async function masterOf(nodes: readonly TestNode[], sentinels: readonly TestNode[]): Promise<TestNode> {
  const named = await Promise.all(
    sentinels.map(async (sentinel) => {
      const answer = await sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME).catch(() => undefined);
      return Array.isArray(answer) ? Number(answer[1]) : undefined;
    }),
  );
  const found = nodes.find(({ port }) => named.filter((each) => each === port).length > sentinels.length / 2);
  if (!found) throw new Error(`the Sentinels do not agree on a master: ${named.join(', ')}`);
  return found;
}

function switchedFrom(old: TestNode, nodes: readonly TestNode[], sentinels: readonly TestNode[]): Promise<TestNode> {
  return eventually(
    async () => {
      const master = await masterOf(nodes, sentinels);
      if (master === old) return undefined;
      return infoField(await master.call('INFO', 'replication'), 'role') === 'master' && master;
    },
    { timeoutMs: PATIENCE_MS, intervalMs: 50, what: 'another master' },
  );
}
