import { randomUUID } from 'node:crypto';

/** Short enough for a log line, and nothing that could break one or a header. */
const REQUEST_ID = /^[A-Za-z0-9._-]{1,128}$/;

/** The id of a request: the client's `X-Request-Id` if it is 1 to 128 of `[A-Za-z0-9._-]`, else a new UUID. */
export function requestId(header: string | readonly string[] | undefined, newId: () => string = randomUUID): string {
  return typeof header === 'string' && REQUEST_ID.test(header) ? header : newId();
}
