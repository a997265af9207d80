import { spawn } from 'node:child_process';

/** How a short-lived command ended. `code` is null when it could not be started or was ended by a signal. */
export interface CommandResult {
  readonly code: number | null;
  readonly output: string;
}

export interface CommandOptions {
  readonly cwd?: string;
  /** The whole environment of the command; inherited when absent. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Milliseconds after which the command is killed. */
  readonly timeoutMs: number;
}

/** Enough for any error text; a chatty command cannot fill the memory. */
const MAX_OUTPUT_CHARACTERS = 64_000;

/**
 * Runs a command to its end and collects what it wrote, standard output and error together.
 * Never throws: a command that does not exist has code null.
 */
export function runCommand(command: string, args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      ...(options.environment && { env: options.environment }),
    });
    // Not spawn's own `timeout`: its timer runs on, and keeps the process alive, when the command does not exist.
    const timer = setTimeout(() => child.kill('SIGKILL'), options.timeoutMs);
    let output = '';
    const collect = (chunk: string): void => {
      output = (output + chunk).slice(-MAX_OUTPUT_CHARACTERS);
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ code: null, output: error.message });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output: output.trim() });
    });
  });
}
