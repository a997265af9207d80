import { securityHeaders } from '@reveille/observability';
import type { ServerResponse } from 'node:http';

export type MatrixErrorCode =
  | 'M_UNRECOGNIZED'
  | 'M_NOT_JSON'
  | 'M_BAD_JSON'
  | 'M_TOO_LARGE'
  | 'M_LIMIT_EXCEEDED'
  | 'M_UNKNOWN';

/** What a route answers; the server puts it on the wire. */
export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The error form of the Matrix APIs: `{"errcode", "error"}`. */
export function matrixError(status: number, errcode: MatrixErrorCode, error: string): Answer {
  return { status, body: { errcode, error } };
}

/**
 * 429 in the form of the Matrix APIs. Synapse takes it like a 503: it keeps the event and repeats it with growing delays.
 *
 * @param retryAfterMs - milliseconds
 */
export function limitExceeded(error: string, retryAfterMs: number): Answer {
  const ms = Math.ceil(retryAfterMs);
  return {
    status: 429,
    body: { errcode: 'M_LIMIT_EXCEEDED', error, retry_after_ms: ms },
    headers: { 'retry-after': String(Math.ceil(ms / 1000)) },
  };
}

/**
 * What every answer has. The notify route has no helmet in front of it: Express is not asked. Names and values in turn, as Node
 * takes them without looking each up: an object that is put together for each answer costs some 4 us more.
 */
const COMMON_HEADERS: readonly string[] = Object.entries({ ...securityHeaders, 'content-type': 'application/json' }).flat();

/** Writes an answer as JSON, once. A header is in `answer` or in `headers`, and none of the common ones is. */
export function respond(response: ServerResponse, answer: Answer, headers: Readonly<Record<string, string>>): void {
  const text = JSON.stringify(answer.body);
  const all = [...COMMON_HEADERS, 'content-length', String(Buffer.byteLength(text))];
  for (const [name, value] of Object.entries(headers)) all.push(name, value);
  if (answer.headers) for (const [name, value] of Object.entries(answer.headers)) all.push(name, value);
  response.writeHead(answer.status, all);
  response.end(text);
}
