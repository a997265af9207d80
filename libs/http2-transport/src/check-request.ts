import { unsent } from './failure';
import type { TransportFailure, TransportRequest } from './transport';

/** RFC 9110, 5.6.2; lower case, as HTTP/2 demands (RFC 9113, 8.2.1). */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** Printable ASCII, spaces and tabs; more is not portable (RFC 9110, 5.5). */
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

/**
 * Bytes of path, header names and values together: what servers commonly take (nginx, Envoy, Google: 16 KiB and more).
 * Node resets every stream with more than 64 KiB of them, and with many of them the session.
 */
export const MAX_HEADER_BYTES = 16 * 1024;

const PATH = /^\/[\x21-\x7e]*$/;

/** Have no place in HTTP/2 (RFC 9113, 8.2.2). */
const CONNECTION_HEADERS = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/**
 * A failure if the request cannot go over HTTP/2 as it is. Checked here because Node destroys the whole session for a
 * malformed header name, and servers answer a malformed value with a connection error: both would hit all other
 * requests.
 */
export function checkRequest(request: TransportRequest): TransportFailure | undefined {
  if (headerBytes(request) > MAX_HEADER_BYTES) return unsent('protocol', 'path and headers are too long for a request');
  if (!PATH.test(request.path)) return unsent('protocol', 'the path has characters that HTTP/2 does not allow');
  for (const name of Object.keys(request.headers)) {
    if (!HEADER_NAME.test(name) || CONNECTION_HEADERS.has(name)) {
      return unsent('protocol', 'a header name is not allowed in HTTP/2');
    }
    if (!HEADER_VALUE.test(request.headers[name] ?? '')) {
      return unsent('protocol', `the header ${name} has characters that HTTP does not allow`);
    }
  }
  return undefined;
}

function headerBytes({ path, headers }: TransportRequest): number {
  let bytes = path.length;
  for (const name of Object.keys(headers)) bytes += name.length + (headers[name]?.length ?? 0);
  return bytes;
}
