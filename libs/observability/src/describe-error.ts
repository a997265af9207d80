import { types } from 'node:util';

/**
 * An error whose message we wrote ourselves, with nothing in it that came from a request, a push or a credential: the
 * log keeps its message letter for letter. Of every other error the parts that could be data are masked.
 */
export class OperationalError extends Error {
  override readonly name = 'OperationalError';
  readonly code: string;

  constructor(code: string, message: string, options?: { readonly cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** What a log line keeps of an error. */
export interface ErrorDescription {
  readonly name: string;
  readonly code?: string;
  readonly message: string;
  /** Where it was thrown: frames only, since the first line of a stack repeats the message. */
  readonly stack?: string;
  readonly cause?: ErrorDescription;
  /** Of an AggregateError (node's parallel connect throws one with an empty message). */
  readonly errors?: readonly ErrorDescription[];
}

export const MASK = '…';
const MAX_MESSAGE_CHARS = 300;
const MAX_FRAMES = 12;
const MAX_CAUSES = 3;
const MAX_AGGREGATED = 3;
/** Names and codes are identifiers; anything else in their place is data. */
const IDENTIFIER = /^[A-Za-z_$][\w$-]{0,39}$/;
/** `Error: ` or `RangeError [ERR_SOCKET_BAD_PORT]: `; the message follows. */
const STACK_START = /^[\w$.-]*(?: \[\w+\])?(?:: )?/;
const STACK_FRAME = /^ {4}at .{1,300}$/;
/** A run as long as this is an identifier of something, perhaps a pushkey (APNs: 64 hex digits; FCM: about 160). */
const LONG_RUN = /[\w+/=:%~-]{24,}/g;

/**
 * An error as data for a log line: name, code, message, frames and causes. Its other properties are dropped, since
 * libraries hang their arguments there (ioredis `command.args`, Node `input`, HTTP clients the whole request). Messages
 * of errors that are not our own lose what is quoted in them (V8 and Redis quote the input) and what is as long as a
 * pushkey. Never throws; a thrown value that is no error is described by its type alone.
 */
export function describeError(error: unknown): ErrorDescription {
  try {
    return describe(error, MAX_CAUSES);
  } catch {
    return { name: 'Error', message: 'an error that cannot be read' }; // a proxy, or a getter that throws
  }
}

function describe(error: unknown, causesLeft: number): ErrorDescription {
  if (!isError(error)) {
    return { name: 'NonError', message: `a thrown ${error === null ? 'null' : typeof error}` };
  }
  const code = errorCode(error);
  const stack = framesOf(error);
  const causes = causesLeft > 0 ? causesOf(error, causesLeft - 1) : {};
  return {
    name: IDENTIFIER.test(error.name) ? error.name : 'Error',
    ...(code !== undefined && { code }),
    message: safeMessage(error),
    ...(stack !== '' && { stack }),
    ...causes,
  };
}

function causesOf(error: Error, causesLeft: number): Partial<ErrorDescription> {
  return {
    ...(error.cause !== undefined && { cause: describe(error.cause, causesLeft) }),
    ...('errors' in error &&
      Array.isArray(error.errors) && {
        errors: error.errors.slice(0, MAX_AGGREGATED).map((each) => describe(each, causesLeft)),
      }),
  };
}

/** Also an error of another realm (a vm context, as in jest), where `instanceof` fails. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

/** The `code` of an error (Node, ioredis, BullMQ, our own) if it is an identifier or a number. */
export function errorCode(error: unknown): string | undefined {
  const code: unknown = isError(error) && 'code' in error ? error.code : undefined;
  if (typeof code === 'number') {
    return String(code);
  }
  return typeof code === 'string' && IDENTIFIER.test(code) ? code : undefined;
}

function safeMessage(error: Error): string {
  const message = String(error.message).slice(0, MAX_MESSAGE_CHARS);
  if (error instanceof OperationalError || isSystemError(error)) {
    return message;
  }
  if (error.name === 'SyntaxError' || error.name === 'URIError') {
    return '(withheld: quotes its input)'; // JSON.parse, BigInt, decodeURIComponent: the message is the data
  }
  return maskData(message);
}

/** Failed system calls: `connect ECONNREFUSED 127.0.0.1:6379`, `ENOENT: ... 'file'`. Addresses and paths are ours. */
function isSystemError(error: Error): boolean {
  return 'syscall' in error && typeof error.syscall === 'string' && 'errno' in error;
}

/** From the first quotation mark to the last one, whatever stands between: quotes inside of the data are no border. */
function maskData(message: string): string {
  const received = message.indexOf('Received '); // ERR_INVALID_ARG_VALUE: what follows is the argument
  const kept = received === -1 ? message : `${message.slice(0, received)}Received ${MASK}`;
  const first = kept.search(/['"`{[]/);
  if (first === -1) {
    return kept.replace(LONG_RUN, MASK);
  }
  const last = Math.max(...["'", '"', '`', '}', ']'].map((mark) => kept.lastIndexOf(mark)));
  // One mark alone: the message was cut inside of the quoted part.
  const tail = last > first ? kept.slice(last + 1) : '';
  return `${kept.slice(0, first)}${MASK}${tail}`.replace(LONG_RUN, MASK);
}

function framesOf(error: Error): string {
  const { stack, message } = error;
  if (typeof stack !== 'string') {
    return '';
  }
  // The message may have several lines, and one of them may look like a frame. Where the stack tells of another message
  // (it was changed later), nothing of it is kept.
  const start = STACK_START.exec(stack)?.[0].length ?? 0;
  const afterMessage = stack.startsWith(`${message}\n`, start) ? stack.slice(start + message.length) : '';
  return afterMessage
    .split('\n')
    .filter((line) => STACK_FRAME.test(line))
    .slice(0, MAX_FRAMES)
    .join('\n');
}
