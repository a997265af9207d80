import type { TransportFailure, TransportFailureKind } from './transport';

/** The request cannot have been processed: a repeat cannot be a second copy. */
export function unsent(kind: TransportFailureKind, message: string): TransportFailure {
  return { ok: false, kind, message, sent: false };
}

/** The request may have been processed. */
export function maybeSent(kind: TransportFailureKind, message: string): TransportFailure {
  return { ok: false, kind, message, sent: true };
}

/**
 * What a system, TLS or HTTP/2 error says, in one line: its code and text. Node's texts name hosts, ports, addresses
 * and certificate names, never anything of a request.
 */
export function describeError(error: unknown): string {
  const code = textOf(error, 'code');
  const text = textOf(error, 'message');
  // An AggregateError (several addresses tried) has a code and no text; most others have the code in the text.
  if (text === '') return code || 'unknown error';
  return text.includes(code) ? text : `${code}: ${text}`;
}

/** `error.code` where there is one, else an empty string. */
export function errorCode(error: unknown): string {
  return textOf(error, 'code');
}

/** Not `instanceof Error`: errors of Node's own modules come from another realm where code runs in a vm context. */
function textOf(error: unknown, property: 'code' | 'message'): string {
  if (typeof error !== 'object' || error === null || !(property in error)) return '';
  // `in` has just shown that it is there; what it holds is checked below.
  const value = (error as Record<typeof property, unknown>)[property];
  return typeof value === 'string' ? value : '';
}
