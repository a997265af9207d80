import { runCommand } from './run-command';

/** A server binary that was seen to run. */
export interface RedisServer {
  readonly command: string;
  /** What the command needs beside an empty environment, for example where its libraries lie. */
  readonly environment: Readonly<Record<string, string>>;
  readonly version: string;
}

export type ProbeResult = ({ readonly ok: true } & RedisServer) | { readonly ok: false; readonly message: string };

/** `--version` prints one line; more than this and the binary hangs. */
const PROBE_TIMEOUT_MS = 10_000;
/** BullMQ's recommended minimum: below 6.2 some of its scripts do not run. */
const MINIMUM_VERSION = [6, 2] as const;

/** Runs `command --version`: a binary that lacks a library or is too old is not taken. */
export async function probeServer(command: string, environment: Readonly<Record<string, string>>): Promise<ProbeResult> {
  const isPath = command.includes('/');
  const result = await runCommand(command, ['--version'], {
    timeoutMs: PROBE_TIMEOUT_MS,
    // A name is looked up on the inherited PATH, a path needs nothing but its libraries.
    ...(isPath && { environment }),
  });
  const version = /\bv=(\d+)\.(\d+)[\w.]*/.exec(result.output);
  if (result.code !== 0 || !version) return { ok: false, message: result.output || 'it printed no version' };
  const [text, major, minor] = version;
  if (isOlder(Number(major), Number(minor))) {
    return { ok: false, message: `${command} ${text.slice(2)} is older than ${MINIMUM_VERSION.join('.')}` };
  }
  return { ok: true, command, environment, version: text.slice(2) };
}

function isOlder(major: number, minor: number): boolean {
  return major < MINIMUM_VERSION[0] || (major === MINIMUM_VERSION[0] && minor < MINIMUM_VERSION[1]);
}
