import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino';
import pinoPretty from 'pino-pretty';

import { createLogDestination } from './log-destination';
import { sanitizeFields, type LogFields } from './log-fields';
import { VERSION } from './version';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'fatal';
export type LogFormat = 'auto' | 'json' | 'pretty';

/**
 * What every library may ask for instead of pino. Fields first, then a constant sentence: what varies belongs in the
 * fields, where it is checked; a message is written as it stands.
 */
export interface Logger {
  debug: LogCall;
  info: LogCall;
  warn: LogCall;
  error: LogCall;
  fatal: LogCall;
  /** A logger whose every line has these fields too. */
  child(fields: LogFields): Logger;
  /** Whether a line of this level would be written: before work that is done for the line alone. */
  enabled(level: LogLevel): boolean;
}

export interface LogCall {
  (message: string): void;
  (fields: LogFields, message: string): void;
}

export interface LoggerOptions {
  readonly role: string;
  readonly level: LogLevel | 'trace' | 'silent';
  /** `auto`: pretty on a terminal, else one JSON object a line. */
  readonly format: LogFormat;
  /** Where to write instead of standard output. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

const STDOUT = 1;

/**
 * The logger of one process. Lines carry `level` (by name), `time` (ISO 8601), `role`, `pid`, `version`; secrets are
 * redacted whatever a caller passes (`sanitizeFields`).
 */
export function createLogger(options: LoggerOptions): Logger {
  const logger = pino(
    {
      level: options.level,
      base: { role: options.role, pid: process.pid, version: VERSION },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Errors are described before pino sees them; its own serializer would copy every property of one.
      serializers: {},
    },
    destination(options),
  );
  return wrap(logger);
}

function destination({ format, stream }: LoggerOptions): DestinationStream {
  const isTerminal = (stream ?? process.stdout).isTTY === true;
  if (format === 'pretty' || (format === 'auto' && isTerminal)) {
    // In this process, not in a worker thread: a thread costs 30 MB, and loses the last lines of a crash.
    return pinoPretty({
      destination: stream ?? STDOUT,
      sync: stream === undefined,
      colorize: isTerminal,
      ignore: 'pid,version',
      translateTime: 'SYS:HH:MM:ss.l',
    });
  }
  return stream ?? createLogDestination(STDOUT);
}

function wrap(logger: PinoLogger): Logger {
  const call =
    (level: LogLevel): LogCall =>
    (first: LogFields | string, second?: string): void => {
      if (!logger.isLevelEnabled(level)) {
        return;
      }
      if (typeof first === 'string') {
        logger[level](first);
      } else {
        logger[level](sanitizeFields(first), second);
      }
    };
  return {
    debug: call('debug'),
    info: call('info'),
    warn: call('warn'),
    error: call('error'),
    fatal: call('fatal'),
    child: (fields) => wrap(logger.child({ ...sanitizeFields(fields) })), // pino wants a prototype here
    enabled: (level) => logger.isLevelEnabled(level),
  };
}
