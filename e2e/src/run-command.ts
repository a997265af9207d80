import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export interface FinishedCommand {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Nothing of the caller's environment but this: a REVEILLE_ variable would change what is tested. */
const KEPT_VARIABLES = ['PATH', 'HOME', 'TMPDIR'];

/** Starts the built `reveille ARGS`; `input` is its whole standard input. */
export function spawnCommand(args: readonly string[], input?: string): ChildProcess {
  const main = join(__dirname, '../../dist/apps/reveille/main.js');
  const env = Object.fromEntries(KEPT_VARIABLES.map((name) => [name, process.env[name]]));
  const child = spawn(process.execPath, [main, ...args], { env, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
  // A command that refuses its arguments ends without reading.
  child.stdin?.on('error', () => undefined).end(input);
  return child;
}

/** Runs the built `reveille ARGS` to its end. */
export function runCommand(...args: readonly string[]): Promise<FinishedCommand> {
  return toItsEnd(spawnCommand(args));
}

/** The same, with something to read on standard input. */
export function runCommandWithInput(input: string, ...args: readonly string[]): Promise<FinishedCommand> {
  return toItsEnd(spawnCommand(args, input));
}

/** What a command prints until it ends. */
export function toItsEnd(child: ChildProcess): Promise<FinishedCommand> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}
