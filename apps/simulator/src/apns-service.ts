import { randomUUID } from 'node:crypto';

import {
  type ApnsReason,
  checkAddress,
  checkHeaders,
  checkPayload,
  checkTopic,
  deviceTokenOf,
  STATUS_OF,
} from './apns-checks';
import type { ProviderTokenVerdict } from './provider-token';
import type { CommandedAnswer, Service, WireAnswer, WireRequest } from './wire';

export interface ApnsTerms {
  /** undefined: any well-formed one. */
  readonly topics: ReadonlySet<string> | undefined;
  /** undefined: neither JWT nor certificate is asked for. */
  readonly checkProviderToken: ((authorization: string | undefined) => ProviderTokenVerdict) | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What Apple says when a command gives only a status. */
const USUAL_REASON: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'BadPath',
  405: 'MethodNotAllowed',
  410: 'Unregistered',
  413: 'PayloadTooLarge',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  503: 'ServiceUnavailable',
};

/** APNs, `POST /3/device/{token}`: validates in the order address, credential, topic, headers, payload. */
export function makeApnsService(terms: ApnsTerms): Service {
  return {
    provider: 'apns',
    receive(request) {
      const deviceToken = deviceTokenOf(request.path);
      const apnsId = () => ({ 'apns-id': String(request.headers['apns-id'] ?? randomUUID()) });
      return {
        pushkey: deviceToken ?? '',
        judge() {
          const reason =
            checkAddress(request.method, deviceToken) ??
            checkCredential(request, terms) ??
            checkTopic(request.headers['apns-topic'], terms.topics, request.clientCertificate === 'trusted') ??
            checkHeaders(request.headers) ??
            checkPayload(request);
          return reason
            ? errorAnswer(STATUS_OF[reason], { reason }, apnsId())
            : { status: 200, headers: apnsId(), body: '' };
        },
        commanded: (answer) => commandedAnswer(answer, apnsId(), terms),
      };
    },
  };
}

function checkCredential(request: WireRequest, { checkProviderToken }: ApnsTerms): ApnsReason | undefined {
  if (!checkProviderToken) return undefined;
  const { authorization } = request.headers;
  if (authorization === undefined && request.clientCertificate === 'trusted') return undefined;
  if (authorization === undefined && request.clientCertificate === 'untrusted') return 'BadCertificate';
  const verdict = checkProviderToken(authorization);
  return verdict === 'valid' ? undefined : verdict;
}

function commandedAnswer(answer: CommandedAnswer, headers: Record<string, string>, { now }: ApnsTerms): WireAnswer {
  const reason = answer.reason ?? USUAL_REASON[answer.status];
  if (reason === undefined) return { status: answer.status, headers, body: '' };
  // Every 410 says when the device token was last found valid.
  const timestamp = answer.timestamp ?? (answer.status === 410 ? now() : undefined);
  return errorAnswer(answer.status, { reason, ...(timestamp !== undefined && { timestamp }) }, headers);
}

function errorAnswer(
  status: number,
  content: { reason: string; timestamp?: number },
  headers: Record<string, string>,
): WireAnswer {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(content),
    reason: content.reason,
  };
}
