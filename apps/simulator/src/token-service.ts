import type { KeyObject } from 'node:crypto';

import { type JwtPayload, verify } from 'jsonwebtoken';

import type { AccessTokens } from './access-tokens';
import type { CommandedAnswer, Service, WireAnswer, WireRequest } from './wire';

export const TOKEN_PATH = '/token';

/** RFC 7523 section 2.1. */
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** Google: `exp` at most an hour after `iat`. */
const MAX_ASSERTION_S = 3600;
/** For a clock that is a little off. */
const CLOCK_TOLERANCE_S = 300;
/** Either of these lets the token send pushes. */
const SCOPES: ReadonlySet<string> = new Set([
  'https://www.googleapis.com/auth/firebase.messaging',
  'https://www.googleapis.com/auth/cloud-platform',
]);
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

export interface TokenTerms {
  readonly publicKey: KeyObject;
  readonly clientEmail: string;
  readonly accessTokens: AccessTokens;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Google's OAuth token endpoint for service accounts (RFC 7523): a signed assertion for an access token. */
export function makeTokenService(terms: TokenTerms): Service {
  return {
    provider: 'token',
    receive: (request) => ({
      pushkey: '',
      judge: () => checkRequest(request) ?? checkAssertion(request, terms) ?? issue(terms.accessTokens),
      commanded: refuse,
    }),
  };
}

function checkRequest({ method, path, headers, body }: WireRequest): WireAnswer | undefined {
  if (path !== TOKEN_PATH) return refuse({ status: 404, errorCode: 'not_found' });
  if (method !== 'POST') return refuse({ status: 405, errorCode: 'method_not_allowed' });
  if (!String(headers['content-type']).startsWith('application/x-www-form-urlencoded')) {
    return refuse({ status: 400, errorCode: 'invalid_request', message: 'Expected application/x-www-form-urlencoded' });
  }
  if (new URLSearchParams(body).get('grant_type') === GRANT_TYPE) return undefined;
  return refuse({ status: 400, errorCode: 'unsupported_grant_type', message: 'Invalid grant_type' });
}

function checkAssertion({ body, headers }: WireRequest, terms: TokenTerms): WireAnswer | undefined {
  const invalidGrant = (message: string) => refuse({ status: 400, errorCode: 'invalid_grant', message });
  let claims: JwtPayload | string;
  try {
    claims = verify(new URLSearchParams(body).get('assertion') ?? '', terms.publicKey, {
      algorithms: ['RS256'],
      issuer: terms.clientEmail,
      audience: audiencesOf(String(headers[':authority'] ?? headers.host)),
      clockTimestamp: Math.floor(terms.now() / 1000),
      clockTolerance: CLOCK_TOLERANCE_S,
    });
  } catch (error) {
    return invalidGrant(`Invalid JWT: ${error instanceof Error ? error.message : 'unreadable'}`);
  }
  if (typeof claims === 'string' || !isShortLived(claims)) {
    return invalidGrant('Invalid JWT: must be a short-lived token (60 minutes) with iat and exp');
  }
  return maySend(claims)
    ? undefined
    : refuse({ status: 400, errorCode: 'invalid_scope', message: 'No scope that may send pushes' });
}

function isShortLived({ iat, exp }: JwtPayload): boolean {
  return iat !== undefined && exp !== undefined && exp - iat <= MAX_ASSERTION_S;
}

function maySend({ scope }: JwtPayload): boolean {
  return typeof scope === 'string' && scope.split(' ').some((name) => SCOPES.has(name));
}

/** This endpoint's own URL, by both names of the loopback. */
function audiencesOf(authority: string): [string, string] {
  const port = authority.slice(authority.lastIndexOf(':') + 1);
  return [`https://127.0.0.1:${port}${TOKEN_PATH}`, `https://localhost:${port}${TOKEN_PATH}`];
}

function issue(accessTokens: AccessTokens): WireAnswer {
  const { accessToken, expiresInS } = accessTokens.issue();
  const body = JSON.stringify({ access_token: accessToken, expires_in: expiresInS, token_type: 'Bearer' });
  return { status: 200, headers: JSON_TYPE, body };
}

function refuse({ status, errorCode = 'internal_failure', message }: CommandedAnswer): WireAnswer {
  const body = JSON.stringify({ error: errorCode, ...(message !== undefined && { error_description: message }) });
  return { status, headers: JSON_TYPE, body, reason: errorCode };
}
