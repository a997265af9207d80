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
}

/** The error form of the Matrix APIs: `{"errcode", "error"}`. */
export function matrixError(status: number, errcode: MatrixErrorCode, error: string): Answer {
  return { status, body: { errcode, error } };
}

/** Writes an answer as JSON, once. */
export function respond(response: ServerResponse, answer: Answer, headers: Readonly<Record<string, string>>): void {
  const text = JSON.stringify(answer.body);
  response.writeHead(answer.status, {
    // The notify route has no helmet in front of it: Express is not asked.
    ...securityHeaders,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
