import { checkFcmRequest, type FcmViolation, messageOf } from './fcm-checks';
import type { SimulatedQuota } from './quota';
import type { CommandedAnswer, Service, WireAnswer, WireRequest } from './wire';

export interface FcmTerms {
  readonly projectId: string;
  /** undefined: no access token is asked for. */
  readonly acceptsAccessToken: ((authorization: string | undefined) => boolean) | undefined;
  readonly quota: SimulatedQuota;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** `google.rpc.Code` names for the statuses that FCM answers with. */
const STATUS_NAME: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** What Google writes as `error.message`, by errorCode or else by status name. */
const USUAL_MESSAGE: Readonly<Record<string, string>> = {
  UNREGISTERED: 'Requested entity was not found.',
  NOT_FOUND: 'Requested entity was not found.',
  SENDER_ID_MISMATCH: 'SenderId mismatch',
  INVALID_ARGUMENT: 'Request contains an invalid argument.',
  QUOTA_EXCEEDED: 'Quota exceeded for quota metric.',
  RESOURCE_EXHAUSTED: 'Resource has been exhausted (e.g. check quota).',
  THIRD_PARTY_AUTH_ERROR: 'Auth error from APNS or Web Push Service',
  UNAUTHENTICATED:
    'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid ' +
    'authentication credential.',
  PERMISSION_DENIED: "Permission 'cloudmessaging.messages.create' denied on the project (or it may not exist).",
  INTERNAL: 'Internal error encountered.',
  UNAVAILABLE: 'The service is currently unavailable.',
};

const SEND_PATH = /^\/v1\/projects\/([^/]+)\/messages:send$/;
const JSON_TYPE = { 'content-type': 'application/json; charset=UTF-8' };
const NOT_JSON = Symbol('not JSON');

/** FCM v1, `POST /v1/projects/{id}/messages:send`: validates in the order address, credential, project, message. */
export function makeFcmService(terms: FcmTerms): Service {
  let sent = 0;
  return {
    provider: 'fcm',
    receive(request) {
      const content = parsed(request.body);
      const token = messageOf(content)?.token;
      const pushkey = typeof token === 'string' ? token : '';
      return {
        pushkey,
        judge() {
          const refusal = checkAddress(request) ?? checkCredential(request, terms) ?? checkContent(content);
          if (refusal) return refusal;
          if (!terms.quota.admits(pushkey)) return overQuota(terms.quota);
          sent += 1;
          return success(`projects/${terms.projectId}/messages/0:${terms.now()}%${sent.toString(16)}`);
        },
        commanded: (answer) => refuse(answer),
      };
    },
  };
}

function checkAddress({ method, path }: WireRequest): WireAnswer | undefined {
  return method === 'POST' && SEND_PATH.test(path) ? undefined : refuse({ status: 404 });
}

function checkCredential(request: WireRequest, { projectId, acceptsAccessToken }: FcmTerms): WireAnswer | undefined {
  if (acceptsAccessToken && !acceptsAccessToken(request.headers.authorization)) return refuse({ status: 401 });
  // Google does not tell a project of somebody else's from one that is not there.
  return SEND_PATH.exec(request.path)?.[1] === projectId ? undefined : refuse({ status: 403 });
}

function checkContent(content: unknown): WireAnswer | undefined {
  if (content === NOT_JSON) return refuse({ status: 400, message: 'Invalid JSON payload received. Unexpected token.' });
  const violation = checkFcmRequest(content);
  return violation && refuse({ status: 400, errorCode: 'INVALID_ARGUMENT', message: violation.message }, violation);
}

function overQuota({ retryAfter }: SimulatedQuota): WireAnswer {
  const answer = refuse({ status: 429, errorCode: 'QUOTA_EXCEEDED' });
  return retryAfter === undefined ? answer : { ...answer, headers: { ...answer.headers, 'retry-after': retryAfter } };
}

function success(name: string): WireAnswer {
  return { status: 200, headers: JSON_TYPE, body: JSON.stringify({ name }) };
}

function refuse({ status, errorCode, message }: CommandedAnswer, violation?: FcmViolation): WireAnswer {
  const name = STATUS_NAME[status] ?? 'UNKNOWN';
  const details = [
    errorCode !== undefined && { '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode },
    violation && {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: violation.field, description: violation.message }],
    },
  ].filter(Boolean);
  const error = {
    code: status,
    message: message ?? USUAL_MESSAGE[errorCode ?? name] ?? 'Unknown error.',
    status: name,
    ...(details.length > 0 && { details }),
  };
  return { status, headers: JSON_TYPE, body: JSON.stringify({ error }), reason: errorCode ?? name };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return NOT_JSON;
  }
}
