import type { Http2Transport } from '@reveille/http2-transport';

import type { FcmAnswer } from './outcome';

export interface FcmCall {
  /** JSON of `encodeMessage`. */
  readonly body: string;
  readonly accessToken: string;
  /** From the call to the end of the answer, in milliseconds. */
  readonly timeoutMs: number;
}

/** One call of `messages:send`. Never throws and never retries. */
export type FcmClient = (call: FcmCall) => Promise<FcmAnswer>;

/** Calls FCM HTTP v1 (https://firebase.google.com/docs/reference/fcm/rest/v1/projects.messages/send). */
export function createFcmClient(transport: Http2Transport, projectId: string): FcmClient {
  const path = `/v1/projects/${encodeURIComponent(projectId)}/messages:send`;
  return async ({ body, accessToken, timeoutMs }) => {
    const started = performance.now();
    const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' };
    const result = await transport.request({ method: 'POST', path, headers, body, timeoutMs });
    return { result, latencyMs: performance.now() - started };
  };
}
