import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createKeyedHash } from '@reveille/relay';
import { apnsApp, fcmApp, startSimulator, type ReceivedPush, type Simulator, type SimulatorOptions } from '@reveille/simulator';
import { startTestRedis, temporaryDirectory } from '@reveille/testing';

import { postNotify, type NotifyAnswer } from './notify-client';
import { startRole, type LogLine, type Role, type RoleProcess } from './role-process';
import { PATIENCE_MS, until } from './wait';

declare global {
  /** Called by failure-log-environment.cjs. */
  var onTestFailure: (() => void) | undefined;
}

export { apnsApp, fcmApp };

export const IOS = 'com.example.ios';
export const ANDROID = 'com.example.android';

type Settings = Readonly<Record<string, unknown>>;

export interface RelayOptions {
  /** How many processes of each role; default one ingress, one dispatcher. */
  readonly ingresses?: number;
  readonly dispatchers?: number;
  readonly admin?: boolean;
  /** Sections of the configuration, each replacing the kit's own. */
  readonly config?: Settings;
  /** The `apps` section; by default one of each provider, at the simulator. */
  readonly apps?: (simulator: Simulator) => Settings;
  readonly simulator?: SimulatorOptions;
  /** Instead of a Redis of the relay's own. */
  readonly redisUrl?: string;
}

/** One final outcome, as the dispatcher logs it. */
export interface LoggedOutcome extends LogLine {
  readonly dispatch_id: string;
  readonly device_hash: string;
  readonly outcome: string;
  readonly reason: string;
  readonly attempts: number;
}

/** A whole relay of built processes, with the simulator in this one. */
export interface Relay {
  readonly simulator: Simulator;
  readonly redisUrl: string;
  readonly configFile: string;
  /** Those that run or ran, in the order of their start. */
  readonly ingresses: readonly RoleProcess[];
  readonly dispatchers: readonly RoleProcess[];
  readonly admin: RoleProcess | undefined;
  /** Posts to ingress number `ingress`. */
  notify(body: unknown, ingress?: number, headers?: Readonly<Record<string, string>>): Promise<NotifyAnswer>;
  /** The requests for one device at its provider (`pushkey` as on the wire), as soon as there are `count`. */
  pushes(device: { readonly onWire: string }, count: number): Promise<ReceivedPush[]>;
  start(role: Role): Promise<RoleProcess>;
  /** SIGTERM; resolves when it has ended. Its exit code must be 0. */
  end(process: RoleProcess): Promise<void>;
  /** What ingress logged of these requests, in their order. */
  requestLines(answers: readonly NotifyAnswer[]): Promise<LogLine[]>;
  /** The outcomes of one device's dispatches, as soon as there are `count`. Needs the kit's `privacy`. */
  outcomesOf(device: { readonly appId: string; readonly pushkey: string }, count: number): Promise<LoggedOutcome[]>;
  /** Every final outcome so far, of all dispatchers. */
  outcomes(): LoggedOutcome[];
  /** Everything that all processes wrote. */
  logs(): string;
  /** Ends everything. Rejects if a process crashed, or did not end by itself with exit code 0. */
  stop(): Promise<void>;
}

/** Known to the kit, so that it can tell whose the lines of a log are. */
export const HASH_KEY = 'the hash key of the end-to-end tests';

/** An operator's, with which the kit's admin lets programs in. */
export const ADMIN_TOKEN = 'the-token-of-the-end-to-end-tests';

/** Short where a test would wait for it, otherwise the defaults. */
const CONFIG: Settings = {
  log: { level: 'trace', format: 'json' },
  retry: { base: '20ms', cap: '100ms' },
  http: { shutdown_grace: '5s' },
  dispatcher: { shutdown_grace: '5s', request_timeout: '10s' },
  privacy: { hash_key: HASH_KEY },
  admin: { tokens: [{ name: 'e2e', role: 'operator', token: ADMIN_TOKEN }] },
};

/** Asks the admin, as an operator's program does. */
export function askAdmin(relay: Pick<Relay, 'admin'>, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${relay.admin?.urls.http}${path}`, { ...init, headers: { ...init.headers, authorization: `Bearer ${ADMIN_TOKEN}` } });
}

/** Starts the relay and resolves once every process listens. End it with `stop()`. */
export async function startRelay(options: RelayOptions = {}): Promise<Relay> {
  const processes: RoleProcess[] = [];
  const cleanUps: (() => Promise<unknown>)[] = [];
  const cleanUp = async (): Promise<void> => {
    for (const each of processes) each.kill('SIGKILL');
    for (const each of cleanUps.toReversed()) await each();
  };
  try {
    return await assemble(options, processes, cleanUps);
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

async function assemble(
  options: RelayOptions,
  processes: RoleProcess[],
  cleanUps: (() => Promise<unknown>)[],
): Promise<Relay> {
  const { ingresses = 1, dispatchers = 1, admin = false } = options;
  const directory = await temporaryDirectory();
  cleanUps.push(() => directory.remove());
  const simulator = await startSimulator(options.simulator);
  cleanUps.push(() => simulator.close());
  const redisUrl = options.redisUrl ?? (await ownRedis(cleanUps));
  const configFile = join(directory.path, 'reveille.yaml');
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(configuration(options, simulator, redisUrl)));

  const start = async (role: Role): Promise<RoleProcess> => {
    const started = await startRole(role, ['--config', configFile, ...(role === 'dispatcher' ? [] : ['--http-port', '0'])]);
    processes.push(started);
    return started;
  };
  const roles: Role[] = [
    ...Array.from({ length: ingresses }, () => 'ingress' as const),
    ...Array.from({ length: dispatchers }, () => 'dispatcher' as const),
    ...(admin ? ['admin' as const] : []),
  ];
  const results = await Promise.allSettled(roles.map(start));
  for (const result of results) if (result.status === 'rejected') throw result.reason;

  const ofRole = (role: Role): RoleProcess[] => processes.filter((each) => each.role === role);
  const logs = (): string => processes.map((each) => `--- ${each.role} ${each.pid}\n${each.output()}`).join('');
  const outcomes = (): LoggedOutcome[] => processes.flatMap((each) => each.lines().filter(isOutcome));
  globalThis.onTestFailure = () => process.stderr.write(logs());
  return {
    simulator,
    redisUrl,
    configFile,
    get ingresses() {
      return ofRole('ingress');
    },
    get dispatchers() {
      return ofRole('dispatcher');
    },
    get admin() {
      return ofRole('admin')[0];
    },
    notify: (body, ingress = 0, headers = {}) => postNotify(ofRole('ingress')[ingress]?.urls.http ?? '', body, headers),
    pushes: ({ onWire }, count) => simulator.waitForReceived(count, { pushkey: onWire }, PATIENCE_MS),
    start,
    end: endProcess,
    requestLines: (answers) =>
      until(() => {
        const lines = ofRole('ingress').flatMap((each) => each.lines());
        const found = answers.flatMap(({ headers }) =>
          lines.filter(({ msg, request_id }) => msg === 'notify' && request_id === headers.get('x-request-id')),
        );
        return found.length === answers.length && found;
      }, 'the lines of the requests'),
    async outcomesOf({ appId, pushkey }, count) {
      const hash = createKeyedHash(Buffer.from(HASH_KEY)).device(appId, pushkey);
      return until(() => {
        const found = outcomes().filter(({ device_hash }) => device_hash === hash);
        return found.length >= count && found;
      }, `${count} outcomes of the device`);
    },
    outcomes,
    logs,
    async stop() {
      try {
        await Promise.all(processes.map(endProcess));
      } finally {
        await Promise.all(cleanUps.toReversed().map((each) => each()));
      }
    },
  };
}

async function ownRedis(cleanUps: (() => Promise<unknown>)[]): Promise<string> {
  const redis = await startTestRedis();
  cleanUps.push(() => redis.stop());
  return redis.url;
}

function configuration(options: RelayOptions, simulator: Simulator, redisUrl: string): Settings {
  const apps = options.apps?.(simulator) ?? { [IOS]: apnsApp(simulator), [ANDROID]: fcmApp(simulator) };
  return { ...CONFIG, redis: { url: redisUrl }, ...options.config, apps };
}

async function endProcess(role: RoleProcess): Promise<void> {
  if (role.isEnding()) {
    await role.exited;
    return;
  }
  role.kill('SIGTERM');
  const { code, signal } = await role.exited;
  if (code !== 0) throw new Error(`${role.role} ended with ${code ?? signal} instead of 0:\n${role.output()}`);
}

function isOutcome(line: LogLine): line is LoggedOutcome {
  return line.msg === 'dispatch ended';
}
