import type { ChildProcessByStdio } from 'node:child_process';
import { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';

import { guardWithWatchdog } from './watchdog';

export interface RunningRedisOptions {
  readonly port: number;
  readonly password?: string;
  readonly log?: (line: string) => void;
  /** Part of the log line that means ready; by default a server's. */
  readonly readyLine?: string;
  /** Nothing on disk: an orderly stop has nothing to save and may be a kill. */
  readonly keepsNothing: boolean;
  /** Awaited before anybody learns of the exit. */
  readonly onExit: () => Promise<void>;
}

export interface RedisExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What the log of Redis 6.2, 7, 8 and Valkey says once the data is loaded and the port is open. */
const READY_LINE = 'Ready to accept connections';
const KEPT_LINES = 6;
/** An append-only file is flushed on SIGTERM; after this the server is killed. */
const STOP_TIMEOUT_MS = 5_000;

/** A Redis server that this process started and that ends with it. */
export class RunningRedis {
  readonly port: number;
  readonly pid: number;
  /** `redis://[:password@]127.0.0.1:port`. */
  readonly url: string;
  /** Resolves when the server has gone, by our hand or not. */
  readonly exited: Promise<RedisExit>;
  private readonly ready: Promise<boolean>;
  private readonly lines: string[] = [];
  private hasExited = false;

  constructor(
    private readonly child: ChildProcessByStdio<Writable, Readable, Readable>,
    private readonly options: RunningRedisOptions,
  ) {
    this.port = options.port;
    this.pid = child.pid ?? 0;
    const credentials = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`;
    this.url = `redis://${credentials}127.0.0.1:${options.port}`;
    const callOffWatchdog = child.pid === undefined ? () => undefined : guardWithWatchdog(child.pid);
    this.exited = new Promise((resolve) => {
      const finish = (exit: RedisExit): void => {
        this.hasExited = true;
        callOffWatchdog();
        void options.onExit().then(() => {
          resolve(exit);
        });
      };
      child.once('error', (error) => {
        this.lines.push(error.message);
        if (child.pid === undefined) finish({ code: null, signal: null });
      });
      child.once('close', (code, signal) => {
        finish({ code, signal });
      });
    });
    this.ready = this.readLog();
  }

  /** Whether the server reported, within `timeoutMs`, that it accepts connections. Used by `startRedis`. */
  async saidReady(timeoutMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, false);
    });
    const isReady = await Promise.race([this.ready, timeout, this.exited.then(() => false)]);
    clearTimeout(timer);
    // From here on the server keeps nobody alive: a process that forgets it just ends, and the watchdog ends the server.
    if (isReady) this.setReferenced(false);
    return isReady;
  }

  /** The end of the server's own log, on one line. */
  lastLines(): string {
    return this.lines.join(' | ') || 'it said nothing';
  }

  /** Orderly end: the append-only file is flushed. By force after 5 s. */
  async stop(): Promise<void> {
    if (this.hasExited) return void (await this.exited);
    // Redis looks for SIGTERM ten times a second: 100 ms that every test file would wait for nothing.
    if (this.options.keepsNothing) return this.kill();
    this.setReferenced(true);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    this.child.kill('SIGCONT'); // a paused server would not see the next signal
    this.child.kill('SIGTERM');
    await this.exited;
    clearTimeout(timer);
  }

  /** As a crash: SIGKILL. Returns once the process has gone. */
  async kill(): Promise<void> {
    if (!this.hasExited) {
      this.setReferenced(true);
      this.child.kill('SIGKILL');
    }
    await this.exited;
  }

  /** As a hang: connections stay open and nothing answers (SIGSTOP). */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  private readLog(): Promise<boolean> {
    return new Promise((resolve) => {
      const take = (line: string): void => {
        if (line.trim() === '') return;
        this.lines.push(line.trim());
        if (this.lines.length > KEPT_LINES) this.lines.shift();
        this.options.log?.(line);
        if (line.includes(this.options.readyLine ?? READY_LINE)) resolve(true);
      };
      forEachLine(this.child.stdout, take);
      forEachLine(this.child.stderr, take);
    });
  }

  private setReferenced(referenced: boolean): void {
    const method = referenced ? 'ref' : 'unref';
    this.child[method]();
    for (const stream of [this.child.stdin, this.child.stdout, this.child.stderr]) {
      // Child pipes are sockets although their type does not say so; referenced they keep this process alive.
      if (stream instanceof Socket) stream[method]();
    }
  }
}

function forEachLine(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(take);
  });
}
