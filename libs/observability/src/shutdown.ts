import type { Logger } from './logger';
import { within } from './within';

/** What told the process to end: a signal, or the supervisor that started it is gone (its IPC channel closed). */
export type ShutdownReason = 'SIGTERM' | 'SIGINT' | 'disconnect';

/** The part of `process` that is used here. */
export interface ProcessLike {
  on(event: string, listener: (...values: readonly unknown[]) => void): unknown;
  off(event: string, listener: (...values: readonly unknown[]) => void): unknown;
  exit(code: number): void;
}

export interface ShutdownOptions {
  readonly logger: Logger;
  /** `stop` may take this long, then the process ends anyway. Milliseconds. */
  readonly graceMs: number;
  /** Finishes the work under way and closes everything. */
  readonly stop: (reason: ShutdownReason) => Promise<void>;
  readonly process?: ProcessLike;
  /** Milliseconds, of a clock that need not be the wall's. */
  readonly now?: () => number;
}

/** 128 + the number of the signal, as shells report it. */
const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;
/**
 * One Ctrl-C comes several times: the terminal signals the whole process group, and npm and a supervisor pass on what
 * they got. A person does not press it twice this fast. Milliseconds.
 */
const CTRL_C_ECHO_MS = 300;
const FATAL_EXIT_CODE = 1;

/**
 * Ends the process decently: the first SIGTERM, SIGINT or loss of the supervisor calls `stop` once, and the process
 * exits with 0 when it is done, or 1 if it failed or took longer than `graceMs`. A second signal exits at once with 130
 * or 143.
 *
 * Returns a function that takes the listeners off again.
 */
export function onShutdown({
  logger,
  graceMs,
  stop,
  process: proc = process,
  now = () => performance.now(),
}: ShutdownOptions): () => void {
  let first: { readonly reason: ShutdownReason; readonly at: number } | undefined;

  const begin = async (reason: ShutdownReason): Promise<void> => {
    first = { reason, at: now() };
    logger.info({ reason, grace_ms: graceMs }, 'shutting down');
    proc.exit(await stopInTime(stop(reason), graceMs, logger));
  };
  const onSignal = (signal: 'SIGTERM' | 'SIGINT') => (): void => {
    if (!first) {
      void begin(signal);
    } else if (!isEcho(first, signal, now())) {
      logger.warn({ reason: signal }, 'second signal: exiting at once');
      proc.exit(SIGNAL_EXIT_CODES[signal]);
    }
  };
  const listeners = {
    SIGTERM: onSignal('SIGTERM'),
    SIGINT: onSignal('SIGINT'),
    disconnect: () => {
      if (!first) {
        void begin('disconnect');
      }
    },
  };
  for (const [event, listener] of Object.entries(listeners)) {
    proc.on(event, listener);
  }
  return () => {
    for (const [event, listener] of Object.entries(listeners)) {
      proc.off(event, listener);
    }
  };
}

/** Two SIGTERM are never an echo: nobody sends one twice by accident. */
function isEcho(first: { readonly reason: ShutdownReason; readonly at: number }, signal: string, now: number): boolean {
  return (
    (first.reason === 'SIGINT' || signal === 'SIGINT') &&
    first.reason !== 'disconnect' &&
    now - first.at < CTRL_C_ECHO_MS
  );
}

/** The exit code. */
async function stopInTime(stopping: Promise<void>, graceMs: number, logger: Logger): Promise<number> {
  try {
    if ((await within(stopping, graceMs, 'late')) === 'late') {
      logger.error({ grace_ms: graceMs }, 'not finished in time: exiting anyway');
      return FATAL_EXIT_CODE;
    }
    logger.info('stopped');
    return 0;
  } catch (error) {
    logger.error({ error }, 'shutting down failed');
    return FATAL_EXIT_CODE;
  }
}

/**
 * An exception or rejection that nobody handled: the state is unknown, so log it (without what it carries, see
 * `describeError`) and exit with 1; a supervisor starts anew, and what was acknowledged is on Redis.
 *
 * Returns a function that takes the listeners off again.
 */
export function onFatalError({
  logger,
  process: proc = process,
}: Pick<ShutdownOptions, 'logger' | 'process'>): () => void {
  const listenerOf = (kind: string) => (error: unknown) => {
    logger.fatal(
      { error: error instanceof Error ? error : new Error(`a thrown ${typeof error}`), kind },
      'unexpected error: exiting',
    );
    proc.exit(FATAL_EXIT_CODE);
  };
  const listeners = {
    uncaughtException: listenerOf('uncaughtException'),
    unhandledRejection: listenerOf('unhandledRejection'),
  };
  for (const [event, listener] of Object.entries(listeners)) {
    proc.on(event, listener);
  }
  return () => {
    for (const [event, listener] of Object.entries(listeners)) {
      proc.off(event, listener);
    }
  };
}

/** Tells the supervisor, if there is one, that this process listens and where. */
export function announceReady(urls: Readonly<Record<string, string>>, send = process.send?.bind(process)): void {
  send?.({ type: 'ready', urls });
}
