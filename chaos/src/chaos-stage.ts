import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Environment } from '@reveille/config';
import { freePort } from '@reveille/embedded-redis';
import { startSimulator, type Simulator, type SimulatorCommand } from '@reveille/simulator';

import type { ChaosRedis } from './chaos-redis';
import { delay } from './delay';
import type { ChaosDevice } from './devices';
import { Homeserver } from './homeserver';
import { startProviderProxy, type NetworkState, type ProviderProxy } from './provider-proxy';
import type { Random } from './random';
import { writeRelayConfiguration } from './relay-configuration';
import { SupervisedRole } from './supervised-role';

export interface StageOptions<R extends ChaosRedis> {
  readonly startRedis: (directory: string) => Promise<R>;
  readonly devices: readonly ChaosDevice[];
  readonly random: Random;
  readonly environment: Environment;
  readonly sections?: Readonly<Record<string, unknown>> | undefined;
  /** Arguments of the roles' Node beside those of production. */
  readonly nodeFlags?: readonly string[];
  /** Requests that the simulator remembers. */
  readonly recordLimit: number;
}

interface StageParts<R extends ChaosRedis> {
  readonly redis: R;
  readonly simulator: Simulator;
  readonly proxies: Readonly<Record<'apns' | 'fcm', ProviderProxy>>;
  readonly roles: readonly SupervisedRole[];
  readonly homeserver: Homeserver;
  readonly clockFile: string;
  readonly directory: string;
}

const INGRESSES = 2;
const DISPATCHERS = 2;
/** What a push to Apple takes from Europe, in milliseconds: so many are under way when something happens. */
const PROVIDER_LATENCY_MS = 30;
/** Nothing of the caller's environment but this: a REVEILLE_ or proxy variable would change what is tested. */
const KEPT_VARIABLES = ['PATH', 'HOME', 'TMPDIR'];
const READY_LOOK_MS = 50;

/** A whole relay of built processes, with all around it that can fail. */
export class ChaosStage<R extends ChaosRedis = ChaosRedis> {
  private constructor(
    private readonly options: StageOptions<R>,
    private readonly parts: StageParts<R>,
  ) {}

  /** Starts everything; the roles may not be ready yet. */
  static async open<R extends ChaosRedis>(options: StageOptions<R>): Promise<ChaosStage<R>> {
    const directory = await mkdtemp(join(tmpdir(), 'reveille-chaos-'));
    // First: a Cluster that does not come together must leave nothing behind.
    const redis = await startTwice(options.startRedis, directory);
    const simulator = await startSimulator({ latencyMs: PROVIDER_LATENCY_MS, recordLimit: options.recordLimit });
    const proxies = {
      apns: await startProviderProxy(portOf(simulator.apnsUrl)),
      fcm: await startProviderProxy(portOf(simulator.fcmUrl)),
    };
    const configFile = writeRelayConfiguration({
      directory,
      redis: redis.settings,
      simulator,
      proxyPorts: { apns: proxies.apns.port, fcm: proxies.fcm.port },
      ...(options.sections && { sections: options.sections }),
    });
    const logs = join(directory, 'logs');
    await mkdir(logs);
    const clockFile = join(directory, 'clock');
    const environment = Object.fromEntries(KEPT_VARIABLES.map((name) => [name, options.environment[name]]));
    const common = { configFile, directory: logs, clockFile, environment, nodeFlags: options.nodeFlags ?? [] };
    const roles: SupervisedRole[] = [];
    for (let number = 1; number <= INGRESSES; number += 1) {
      roles.push(new SupervisedRole({ ...common, role: 'ingress', number, httpPort: await freePort() }));
    }
    for (let number = 1; number <= DISPATCHERS; number += 1) {
      roles.push(new SupervisedRole({ ...common, role: 'dispatcher', number, httpPort: undefined }));
    }
    const homeserver = new Homeserver({ notifyUrls: () => roles.filter(isIngress).map(({ notifyUrl }) => notifyUrl) });
    const stage = new ChaosStage(options, { redis, simulator, proxies, roles, homeserver, clockFile, directory });
    stage.restoreProviders();
    return stage;
  }

  get redis(): R {
    return this.parts.redis;
  }

  get simulator(): Simulator {
    return this.parts.simulator;
  }

  get homeserver(): Homeserver {
    return this.parts.homeserver;
  }

  get random(): Random {
    return this.options.random;
  }

  get roles(): readonly SupervisedRole[] {
    return this.parts.roles;
  }

  get ingresses(): readonly SupervisedRole[] {
    return this.roles.filter(isIngress);
  }

  get dispatchers(): readonly SupervisedRole[] {
    return this.roles.filter((role) => !isIngress(role));
  }

  /** Where the logs and the configuration are, until the stage closes. */
  get directory(): string {
    return this.parts.directory;
  }

  /** The network between the dispatchers and both providers. */
  setNetwork(state: NetworkState): void {
    this.parts.proxies.apns.set(state);
    this.parts.proxies.fcm.set(state);
  }

  /** How both providers answer from now on; dead devices stay dead. */
  commandProviders(command: Omit<SimulatorCommand, 'pushkey' | 'provider'>): void {
    this.restoreProviders();
    this.simulator.command(command);
  }

  /** The providers answer as usual. */
  restoreProviders(): void {
    this.simulator.clearCommands();
    for (const { isDead, onWire, provider } of this.options.devices) {
      if (!isDead) continue;
      const answer =
        provider === 'apns' ? { status: 410, reason: 'Unregistered' } : { status: 404, errorCode: 'UNREGISTERED' };
      this.simulator.command({ pushkey: onWire, provider, answer });
    }
  }

  /** Moves the wall clock of all roles to `shiftMs` milliseconds from the true time; those started later have it too. */
  async moveClocks(shiftMs: number): Promise<void> {
    await writeFile(this.parts.clockFile, String(shiftMs));
    for (const role of this.roles) role.signal('SIGUSR2');
  }

  /** Resolves once every process says that it is ready. @throws Error with the names of those that are not, in time. */
  async ready(patienceMs: number): Promise<void> {
    const unready = async (): Promise<string[]> => {
      const looks = await Promise.all(this.roles.map(async (role) => ({ role, isReady: await role.isReady() })));
      return looks.filter(({ isReady }) => !isReady).map(({ role }) => role.name);
    };
    const deadline = performance.now() + patienceMs;
    for (let left = await unready(); left.length > 0; left = await unready()) {
      if (performance.now() > deadline) throw new Error(`not ready within ${patienceMs} ms: ${left.join(', ')}`);
      await delay(READY_LOOK_MS);
    }
  }

  async close(): Promise<void> {
    this.homeserver.close();
    this.setNetwork('passes');
    await Promise.all(this.roles.map((role) => role.stop()));
    await Promise.all([this.parts.proxies.apns.close(), this.parts.proxies.fcm.close(), this.simulator.close()]);
    await this.redis.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A Cluster or Sentinels have to agree within seconds, which a busy machine may not give them: that is no finding. */
async function startTwice<R>(start: (directory: string) => Promise<R>, directory: string): Promise<R> {
  try {
    return await start(join(directory, 'first'));
  } catch {
    return await start(join(directory, 'second'));
  }
}

function isIngress({ role }: SupervisedRole): boolean {
  return role === 'ingress';
}

function portOf(url: string): number {
  return Number(new URL(url).port);
}
