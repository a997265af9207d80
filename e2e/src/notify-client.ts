/** An answer of ingress. */
export interface NotifyAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed JSON: every answer of the endpoint is. */
  readonly body: unknown;
  /** Milliseconds from the first byte of the request to the last one of the answer. */
  readonly tookMs: number;
}

const NOTIFY_PATH = '/_matrix/push/v1/notify';
/** The longest that a test waits for any answer: what takes longer is a failure. Milliseconds. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Posts a notify request as a homeserver does.
 *
 * @param body sent as it is if it is text or bytes, else as JSON
 */
export async function postNotify(
  ingressUrl: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<NotifyAnswer> {
  const startedAt = performance.now();
  const response = await fetch(`${ingressUrl}${NOTIFY_PATH}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: JSON.parse(text),
    tookMs: performance.now() - startedAt,
  };
}
