import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '@reveille/config';
import { z } from 'zod';
import { BenchProcess } from './bench-process';
import { findBenchRedis, startBenchRedis, type BenchRedis } from './bench-redis';
import { makePushKeys, type PushKeys } from './push-keys';
import { writeRelayConfiguration } from './relay-configuration';
import { pushServerReadySchema, type PushServerArguments } from './workers/push-protocol';
import { roleScript, workerScript, type RoleName, type WorkerName } from './workspace-paths';

/** As `reveille serve` and the image start the roles. */
const NODE_FLAGS = ['--max-semi-space-size=64'];

/** A role of the relay, running. */
export interface RunningRole {
  readonly process: BenchProcess;
  /** Where ingress takes notify requests; empty for the others. */
  readonly notifyUrl: string;
}

export interface RoleOptions {
  /** Settings of the relay that differ from the stage's configuration: `REVEILLE_...`. */
  readonly settings?: Environment;
  /** Whether its event loop is watched; `process.call` then tells how late it was (workers/loop-delay-protocol.ts). */
  readonly probeLoop?: boolean;
}

export interface StageOptions {
  readonly environment: Environment;
  /** Provider latency in milliseconds, and pushes in flight of each app. */
  readonly push: { readonly latencyMs: number; readonly concurrency: number };
  /** Where roles write CPU profiles; absent: they are not profiled. */
  readonly profile: string | undefined;
}

/** What a stage has put up, and where. */
interface StageProps {
  readonly redis: BenchRedis;
  readonly keys: PushKeys;
  readonly pushServer: BenchProcess;
  readonly pushUrl: string;
  readonly removeDirectory: () => void;
  readonly configFile: string;
}

const IN_SERVICE_TIMEOUT_MS = 30_000;
const IN_SERVICE_POLL_MS = 20;
const NOTIFY_PATH = '/_matrix/push/v1/notify';
const roleReadySchema = z.object({ urls: z.object({ http: z.string().optional() }) });

/**
 * What one benchmark runs on: a Redis, a stand-in for the providers, a configuration, and whatever processes are
 * started on top. `close` ends all of it; should this process die before that, they end by themselves.
 */
export class BenchStage {
  readonly #processes: BenchProcess[] = [];
  #generator: Promise<BenchProcess> | undefined;

  private constructor(
    private readonly options: StageOptions,
    private readonly props: StageProps,
  ) {
    this.#processes.push(props.pushServer);
  }

  static async open(options: StageOptions): Promise<BenchStage> {
    const directory = mkdtempSync(join(tmpdir(), 'reveille-bench-'));
    const removeDirectory = removeOnceAtExit(directory);
    const keys = makePushKeys(directory);
    const redis = await startBenchRedis(await findBenchRedis(), directory);
    const serverArguments: PushServerArguments = {
      certificate: keys.certificate,
      key: keys.key,
      latencyMs: options.push.latencyMs,
    };
    const pushServer = startWorker('push-server', [JSON.stringify(serverArguments)], options.environment);
    const push = await pushServer.ready(pushServerReadySchema);
    const { concurrency } = options.push;
    const configFile = writeRelayConfiguration({ directory, keys, redisUrl: redis.url, push, concurrency });
    return new BenchStage(options, { redis, keys, pushServer, removeDirectory, configFile, pushUrl: push.pushUrl });
  }

  get redis(): BenchRedis {
    return this.props.redis;
  }

  get keys(): PushKeys {
    return this.props.keys;
  }

  /** The stand-in for the providers: counts what it answers. */
  get pushServer(): BenchProcess {
    return this.props.pushServer;
  }

  get pushUrl(): string {
    return this.props.pushUrl;
  }

  /** Starts a built role with the configuration; resolves when it is ready, ingress when it would get traffic. */
  async startRole(role: RoleName, { settings = {}, probeLoop = false }: RoleOptions = {}): Promise<RunningRole> {
    const { environment, profile } = this.options;
    const probe = probeLoop ? ['--require', workerScript('loop-probe')] : [];
    const process = this.#track(
      new BenchProcess({
        name: role,
        script: roleScript(role),
        args: ['--config', this.props.configFile],
        nodeArgs: [...NODE_FLAGS, ...probe, ...(profile === undefined ? [] : profilerArgs(profile, role))],
        environment: { ...relayEnvironment(environment), ...settings },
      }),
    );
    const { urls } = await process.ready(roleReadySchema);
    if (role === 'ingress' && urls.http !== undefined) await untilInService(urls.http);
    return { process, notifyUrl: urls.http === undefined ? '' : new URL(NOTIFY_PATH, urls.http).href };
  }

  /** Starts a process of the benchmark's own; resolves when it is ready. */
  async startWorker(worker: WorkerName, args: readonly string[] = []): Promise<RunningRole> {
    const process = this.#track(startWorker(worker, args, this.options.environment));
    const { urls } = await process.ready(roleReadySchema.partial());
    return { process, notifyUrl: urls?.http === undefined ? '' : new URL(NOTIFY_PATH, urls.http).href };
  }

  /** The load generator, one for the whole stage. */
  async generator(): Promise<BenchProcess> {
    this.#generator ??= this.startWorker('load-generator').then(({ process }) => process);
    return this.#generator;
  }

  async close(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.stop()));
    await this.redis.stop();
    this.props.removeDirectory();
  }

  #track(process: BenchProcess): BenchProcess {
    this.#processes.push(process);
    return process;
  }
}

/** Opens a stage for `work`, and closes it whatever happens. */
export async function onStage<T>(options: StageOptions, work: (stage: BenchStage) => Promise<T>): Promise<T> {
  const stage = await BenchStage.open(options);
  try {
    return await work(stage);
  } finally {
    await stage.close();
  }
}

/** It listens before it has reached Redis; a load balancer too would wait for `/ready`. */
async function untilInService(url: string): Promise<void> {
  const deadline = performance.now() + IN_SERVICE_TIMEOUT_MS;
  while (!(await fetch(new URL('/ready', url))).ok) {
    if (performance.now() > deadline) throw new Error(`ingress was not ready within ${IN_SERVICE_TIMEOUT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, IN_SERVICE_POLL_MS));
  }
}

function startWorker(worker: WorkerName, args: readonly string[], environment: Environment): BenchProcess {
  return new BenchProcess({ name: worker, script: workerScript(worker), args, environment });
}

/** What the caller has set for a relay of its own must not reach the one under test. */
function relayEnvironment(environment: Environment): Environment {
  const isForRelay = (name: string): boolean => name.startsWith('REVEILLE_') || name === 'REDIS_URL';
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !isForRelay(name)));
}

let profiles = 0;

function profilerArgs(directory: string, role: RoleName): string[] {
  profiles += 1;
  return ['--cpu-prof', `--cpu-prof-dir=${directory}`, `--cpu-prof-name=${role}-${profiles}.cpuprofile`];
}

/** Removes the directory when it is called, or else when this process ends. */
function removeOnceAtExit(directory: string): () => void {
  const remove = (): void => {
    process.off('exit', remove);
    rmSync(directory, { recursive: true, force: true });
  };
  process.once('exit', remove);
  return remove;
}
