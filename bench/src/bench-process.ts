import { spawn, type ChildProcess } from 'node:child_process';
import type { Environment } from '@reveille/config';
import { z } from 'zod';

export interface BenchProcessOptions {
  /** For error texts. */
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  /** Arguments of Node itself. */
  readonly nodeArgs?: readonly string[];
  readonly environment: Environment;
}

/** From spawning to the ready message; generous because the machine may be busy. */
const START_TIMEOUT_MS = 30_000;
/** Longer than any role's own bound for draining. */
const STOP_TIMEOUT_MS = 40_000;

const readyMessage = z.object({ type: z.literal('ready') });
const resultMessage = z.object({ type: z.literal('result'), value: z.unknown() });

/**
 * A process under measurement or one of the benchmark's own, with an IPC channel: it says when it is ready, a worker
 * then answers calls one by one (see workers/serve-calls.ts), and all of them end when the channel closes.
 */
export class BenchProcess {
  readonly #child: ChildProcess;
  readonly #name: string;
  readonly #exited: Promise<never>;
  readonly #closed: Promise<void>;
  readonly #ready: Promise<unknown>;
  #isStopping = false;
  #answer: ((value: unknown) => void) | undefined;

  constructor({ name, script, args = [], nodeArgs = [], environment }: BenchProcessOptions) {
    this.#name = name;
    this.#child = spawn(process.execPath, [...nodeArgs, script, ...args], {
      // Log lines are made and written as in production, but nobody has to read them.
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: { ...environment },
    });
    this.#closed = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    this.#exited = new Promise((_, reject) => {
      this.#child.once('error', reject);
      this.#child.once('exit', (code, signal) => {
        reject(new Error(`${name} ended unexpectedly (${code ?? signal ?? ''})`));
      });
    });
    // Looked at only while somebody waits for the process.
    this.#exited.catch(() => undefined);
    this.#ready = new Promise((resolve) => {
      this.#child.on('message', (message) => {
        if (readyMessage.safeParse(message).success) resolve(message);
        const result = resultMessage.safeParse(message);
        if (result.success) this.#answer?.(result.data.value);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What the process said when it was ready. Rejects when it ends before that. */
  async ready<T>(schema: z.ZodType<T>): Promise<T> {
    return schema.parse(await this.#race(this.#ready, START_TIMEOUT_MS));
  }

  /** Asks a worker for something and waits for the answer; one call at a time. */
  async call<T>(request: object, schema: z.ZodType<T>, timeoutMs: number): Promise<T> {
    const answer = new Promise<unknown>((resolve) => (this.#answer = resolve));
    this.#child.send(request);
    return schema.parse(await this.#race(answer, timeoutMs));
  }

  /** SIGTERM, and SIGKILL when that does not end it. */
  async stop(): Promise<void> {
    if (!this.#isStopping) {
      this.#isStopping = true;
      this.#child.kill('SIGTERM');
    }
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    if (this.#child.exitCode === null && this.#child.signalCode === null) await this.#closed;
    clearTimeout(timer);
  }

  async #race<T>(wanted: Promise<T>, timeoutMs: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${this.#name} did not answer within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      return await Promise.race([wanted, this.#exited, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }
}
