import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

export interface FinishedCommand {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Nothing of the caller's environment but this: a REVEILLE_ variable would change what is tested. */
const KEPT_VARIABLES = ['PATH', 'HOME', 'TMPDIR'];

/** Starts the built `reveille ARGS`. */
export function spawnCommand(args: readonly string[]): ChildProcess {
  const main = join(__dirname, '../../dist/apps/reveille/main.js');
  const env = Object.fromEntries(KEPT_VARIABLES.map((name) => [name, process.env[name]]));
  return spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Runs the built `reveille ARGS` to its end. */
export function runCommand(...args: readonly string[]): Promise<FinishedCommand> {
  const child = spawnCommand(args);
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (stdout += chunk));
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (stderr += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}
