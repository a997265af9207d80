import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

export type Role = 'ingress' | 'dispatcher' | 'admin';

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** One line of a process's log; every line has these. */
export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly [field: string]: unknown;
}

/** A built role as a child process, as its supervisor sees it. */
export interface RoleProcess {
  readonly role: Role;
  /** Where it listens, by surface: `http`, `metrics`. */
  readonly urls: Readonly<Record<string, string>>;
  readonly pid: number;
  /** Resolves when it has ended and all it wrote has been read. */
  readonly exited: Promise<Exit>;
  /** Everything that it wrote, both streams. */
  output(): string;
  /** Its log, parsed. */
  lines(): LogLine[];
  kill(signal: NodeJS.Signals): void;
  /** Whether a test has ended it, and so looks at its exit itself. */
  isEnding(): boolean;
  /** Leaves it alone as a supervisor does that was killed: nobody reads its output, its channel is closed. */
  abandon(): void;
}

export interface FinishedRole extends Exit {
  readonly stdout: string;
  readonly stderr: string;
}

const WORKSPACE = join(__dirname, '../..');
/** A process that is not ready by then will never be. Milliseconds. */
const READY_TIMEOUT_MS = 20_000;
/** Nothing of the caller's environment but this: a REVEILLE_ or proxy variable would change what is tested. */
const KEPT_VARIABLES = ['PATH', 'HOME', 'TMPDIR'];

/** Starts a role and resolves once it listens; rejects with what it wrote if it ends before. */
export async function startRole(role: Role, args: readonly string[]): Promise<RoleProcess> {
  const child = spawnRole(role, [...args, '--metrics-port', '0']);
  const output: string[] = [];
  for (const stream of [child.stdout, child.stderr]) collect(stream, output);
  const exited = exitOf(child);
  let isEnding = false;
  const urls = await readyUrls(child, exited).catch((error: Error) => {
    child.kill('SIGKILL');
    throw new Error(`${role}: ${error.message}\n${output.join('')}`);
  });
  return {
    role,
    urls,
    pid: child.pid ?? 0,
    exited,
    output: () => output.join(''),
    lines: () => output.join('').split('\n').flatMap(parseLine),
    kill: (signal) => {
      isEnding = true;
      child.kill(signal);
    },
    isEnding: () => isEnding,
    abandon: () => {
      isEnding = true;
      child.stdout?.destroy();
      child.stderr?.destroy();
      child.disconnect();
    },
  };
}

/** Runs a role whose command line or configuration ends it at once. */
export async function runRole(role: Role, args: readonly string[]): Promise<FinishedRole> {
  const child = spawnRole(role, args);
  const stdout: string[] = [];
  const stderr: string[] = [];
  collect(child.stdout, stdout);
  collect(child.stderr, stderr);
  const exit = await exitOf(child);
  return { ...exit, stdout: stdout.join(''), stderr: stderr.join('') };
}

function spawnRole(role: Role, args: readonly string[]): ChildProcess {
  const main = join(WORKSPACE, 'dist/apps', role, 'main.js');
  if (!existsSync(main)) {
    throw new Error(`${main} is missing: the end-to-end tests run the built processes. Run npm test, or npm run build before.`);
  }
  const env = Object.fromEntries(KEPT_VARIABLES.map((name) => [name, process.env[name]]));
  return spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
}

/** Not the child's 'close', which never comes after a `disconnect()`. */
async function exitOf(child: ChildProcess): Promise<Exit> {
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  const closed = Promise.all(streams.map((stream) => new Promise((resolve) => stream.once('close', resolve))));
  const exit = await new Promise<Exit>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  await closed;
  return exit;
}

async function readyUrls(child: ChildProcess, exited: Promise<Exit>): Promise<Record<string, string>> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise((resolve, reject) => {
      child.on('message', (message) => {
        if (isReadyMessage(message)) resolve(message.urls);
      });
      timer = setTimeout(() => reject(new Error('not ready in time')), READY_TIMEOUT_MS);
      void exited.then(({ code, signal }) => reject(new Error(`ended with ${code ?? signal} before it was ready`)));
    });
  } finally {
    clearTimeout(timer);
  }
}

function isReadyMessage(message: unknown): message is { readonly urls: Record<string, string> } {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'ready';
}

function collect(stream: Readable | null, into: string[]): void {
  stream?.setEncoding('utf8').on('data', (chunk: string) => into.push(chunk));
}

function parseLine(line: string): LogLine[] {
  // The last line may still be on its way; anything else that is not JSON is in output() only.
  if (!line.endsWith('}')) return [];
  const parsed: unknown = JSON.parse(line);
  return typeof parsed === 'object' && parsed !== null && 'msg' in parsed ? [parsed as LogLine] : []; // pino's form
}
