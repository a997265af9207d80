import type { Environment } from '@reveille/config';

/** What a command may touch; the rest is arguments. */
export interface CommandContext {
  readonly environment: Environment;
  readonly cwd: string;
  /** Standard output. */
  readonly print: (text: string) => void;
  /** Standard error. */
  readonly complain: (text: string) => void;
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

/** Wrong use of a command: printed with its usage, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
