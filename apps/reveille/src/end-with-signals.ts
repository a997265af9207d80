import { onFatalError, onShutdown } from '@reveille/observability';
import type { Logger } from '@reveille/observability';

import type { Supervisor } from './supervisor';

/**
 * The roles have bounds of their own (25 s by default), one after another, and Redis 5 s: this one is for the case that
 * even killing does not end them. Milliseconds.
 */
const STOP_EVERYTHING_MS = 120_000;

/**
 * From here on SIGTERM, SIGINT or the loss of our own supervisor stops everything in order and ends the process; a second
 * signal ends it at once. Whatever ends it, no role is left behind.
 */
export function endWithSignals(supervisor: Supervisor, logger: Logger): void {
  process.once('exit', () => {
    supervisor.kill();
  });
  onFatalError({ logger });
  onShutdown({ logger, graceMs: STOP_EVERYTHING_MS, stop: () => supervisor.stop() });
}

/** For a command that works until a signal comes. */
export function untilTheEnd(): Promise<never> {
  return new Promise(() => undefined);
}
