import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

import type { Environment } from '@reveille/config';
import { z } from 'zod';

import { delay } from './delay';
import { CLOCK_SHIFT_PRELOAD, roleScript, type RoleName } from './workspace-paths';

export interface SupervisedRoleOptions {
  readonly role: RoleName;
  /** Tells processes of one role apart. */
  readonly number: number;
  readonly configFile: string;
  /** Where homeservers find it, after a restart too; undefined for a role that nobody calls. */
  readonly httpPort: number | undefined;
  /** Where its log is written. */
  readonly directory: string;
  /** Holds the shift of its clock (see clock-shift.cjs). */
  readonly clockFile: string;
  readonly environment: Environment;
  /** Arguments of Node beside those of production. */
  readonly nodeFlags: readonly string[];
}

const LOOPBACK = '127.0.0.1';
/** As `reveille serve` and the image start the roles. */
const NODE_FLAGS = ['--max-semi-space-size=64'];
/** A supervisor's pause before it starts a role again (systemd's RestartSec is 100 ms by default). Milliseconds. */
const RESTART_PAUSE_MS = 100;
/** For one look at /ready. Milliseconds. */
const LOOK_TIMEOUT_MS = 2000;
/** Longer than a role's own bound for its end. Milliseconds. */
const STOP_TIMEOUT_MS = 40_000;

const readyMessage = z.object({ type: z.literal('ready'), urls: z.object({ metrics: z.string() }) });

/** A built role that is started again whenever it ends, as its supervisor in production does. */
export class SupervisedRole {
  #child: ChildProcess | undefined;
  #metricsUrl: string | undefined;
  #isStopping = false;
  #wasKilled = false;
  #kills = 0;
  #crashes = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly options: SupervisedRoleOptions) {
    this.#start();
  }

  get name(): string {
    return `${this.options.role} ${this.options.number}`;
  }

  get role(): RoleName {
    return this.options.role;
  }

  /** Of the process that runs now; 0 between two. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Ends that nobody asked for: the process crashed. */
  get crashes(): number {
    return this.#crashes;
  }

  get kills(): number {
    return this.#kills;
  }

  /** Where homeservers post. Only of an ingress. */
  get notifyUrl(): string {
    return `http://${LOOPBACK}:${this.options.httpPort ?? 0}/_matrix/push/v1/notify`;
  }

  /** SIGKILL; the supervisor starts it again. */
  kill(): void {
    this.#kills += 1;
    this.#wasKilled = true;
    this.#child?.kill('SIGKILL');
  }

  /** SIGSTOP, SIGCONT or the clock's SIGUSR2. */
  signal(signal: 'SIGSTOP' | 'SIGCONT' | 'SIGUSR2'): void {
    // One that has just been started reads the clock by itself; it does not listen yet, and the signal would end it.
    if (signal === 'SIGUSR2' && this.#metricsUrl === undefined) return;
    this.#child?.kill(signal);
  }

  /** Whether it says of itself that it can work. */
  async isReady(): Promise<boolean> {
    if (this.#metricsUrl === undefined) return false;
    try {
      const response = await fetch(`${this.#metricsUrl}/ready`, { signal: AbortSignal.timeout(LOOK_TIMEOUT_MS) });
      return response.ok;
    } catch {
      return false; // not there, or not answering: not ready
    }
  }

  /** Its metrics as text; undefined while it does not answer. */
  async metrics(): Promise<string | undefined> {
    if (this.#metricsUrl === undefined) return undefined;
    try {
      const response = await fetch(`${this.#metricsUrl}/metrics`, { signal: AbortSignal.timeout(LOOK_TIMEOUT_MS) });
      return response.ok ? await response.text() : undefined;
    } catch {
      return undefined;
    }
  }

  /** SIGTERM, and SIGKILL when that does not end it. Returns once it has gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#child?.kill('SIGCONT');
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await this.#running;
    clearTimeout(timer);
  }

  #start(): void {
    this.#running = this.#keepRunning();
  }

  async #keepRunning(): Promise<void> {
    while (!this.#isStopping) {
      await this.#runOnce();
      if (this.#isStopping) return;
      if (!this.#wasKilled) this.#crashes += 1;
      this.#wasKilled = false;
      await delay(RESTART_PAUSE_MS);
    }
  }

  /** Resolves when the process has ended, however. */
  #runOnce(): Promise<void> {
    const { role, number, configFile, httpPort, directory, clockFile, environment, nodeFlags } = this.options;
    const log = openSync(join(directory, `${role}-${number}.log`), 'a', 0o600);
    const child = spawn(
      process.execPath,
      [
        ...NODE_FLAGS,
        ...nodeFlags,
        ...['--require', CLOCK_SHIFT_PRELOAD],
        roleScript(role),
        ...['--config', configFile, '--metrics-port', '0'],
        ...(httpPort === undefined ? [] : ['--http-port', String(httpPort)]),
      ],
      { stdio: ['ignore', log, log, 'ipc'], env: { ...environment, CHAOS_CLOCK_FILE: clockFile } },
    );
    closeSync(log);
    this.#child = child;
    child.on('message', (message) => {
      const parsed = readyMessage.safeParse(message);
      if (parsed.success) this.#metricsUrl = parsed.data.urls.metrics;
    });
    return new Promise((resolve) => {
      const finish = (): void => {
        this.#child = undefined;
        this.#metricsUrl = undefined;
        resolve();
      };
      child.once('error', finish).once('exit', finish);
    });
  }
}
