import type { Environment } from '@reveille/config';

/** What a command may touch; the rest is arguments. */
export interface CommandContext {
  readonly environment: Environment;
  readonly cwd: string;
  /** Standard output. */
  readonly print: (text: string) => void;
  /** Standard error. */
  readonly complain: (text: string) => void;
  readonly terminal: Terminal;
}

/** Whoever sits before the command, if somebody does. */
export interface Terminal {
  /** The account that runs the command: what the audit names. */
  readonly user: string;
  /** Whether somebody types at standard input. */
  readonly asks: boolean;
  /** One line, asked for and typed unseen; without a terminal all of standard input. Undefined: they would rather not (Ctrl-C). */
  readonly readSecret: (question: string) => Promise<string | undefined>;
  /** Shows a line in the place of the one before; nothing when nobody looks. */
  readonly showProgress: (line: string) => void;
  /** From this call on SIGINT and SIGTERM abort the signal (a second one ends the process) instead of ending the process. */
  readonly interruption: () => AbortSignal;
}

export interface Command {
  readonly name: string;
  /** What follows the name, for `--help`. */
  readonly usage: string;
  readonly summary: string;
  /** Resolves with the exit code; a command that goes on until a signal never resolves. */
  readonly run: (args: readonly string[], context: CommandContext) => Promise<number>;
}

/** 1: wrong configuration, or it could not be done. 2: wrong use. */
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;
/** Ended by Ctrl-C: as shells have it, 128 and the number of SIGINT. */
export const EXIT_INTERRUPTED = 130;

/** Wrong use of a command: printed with its usage, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
