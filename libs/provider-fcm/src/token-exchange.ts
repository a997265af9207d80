import { rootCertificates } from 'node:tls';

import { parseJson } from '@reveille/http2-transport';
import { parseRetryAfter } from '@reveille/provider';
import { sign } from 'jsonwebtoken';
import type { Dispatcher } from 'undici';
import { z } from 'zod';

import type { FetchToken, TokenFailure, TokenResult } from './credential';
import type { ServiceAccount } from './service-account';

/** What FCM needs; less than firebase-admin asks for. https://firebase.google.com/docs/cloud-messaging/auth-server */
const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
/** RFC 7523 section 2.1. */
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
/** Google takes assertions of at most one hour, in seconds. */
const ASSERTION_LIFE_S = 3600;
/** RFC 6749 section 5.1: `expires_in` may be missing; Google's tokens live an hour. In seconds. */
const DEFAULT_TOKEN_LIFE_S = 3600;
/** An answer of a token endpoint has some 1-2 KB. */
const MAX_ANSWER_BYTES = 64 * 1024;
/** OAuth errors (RFC 6749 section 5.2) that mean: this credential will not do. */
const CREDENTIAL_ERRORS = ['invalid_grant', 'invalid_client', 'unauthorized_client'] as const;

export interface TokenExchangeOptions {
  readonly account: ServiceAccount;
  /** The token endpoint; also the audience of the assertion. */
  readonly tokenUrl: string;
  /** PEM, trusted in addition to the system's authorities. */
  readonly ca?: string;
  /** HTTP proxy for CONNECT, `http://user:password@host:port`. */
  readonly proxy?: string;
  readonly timeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Our own exchange of a signed assertion for an access token (RFC 7523 section 2.1), at any token endpoint. */
export function createTokenExchange(options: TokenExchangeOptions): FetchToken {
  return async () => {
    try {
      return await exchange(options);
    } catch (error) {
      return { ok: false, kind: 'unavailable', reason: isTimeout(error) ? 'token-timeout' : 'token-connect' };
    }
  };
}

async function exchange(options: TokenExchangeOptions): Promise<TokenResult> {
  // Loaded when first needed: 8 MB that a role without pushes does not spend.
  const { request } = await import('undici');
  // Once an hour a connection is opened: not worth keeping one.
  const dispatcher = await connection(options);
  try {
    const { tokenUrl, timeoutMs, now } = options;
    const { statusCode, headers, body } = await request(tokenUrl, {
      method: 'POST',
      dispatcher,
      signal: AbortSignal.timeout(timeoutMs),
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({ grant_type: GRANT_TYPE, assertion: assertion(options) }).toString(),
    });
    const answer = parseJson(await readBounded(body));
    if (statusCode === 200) {
      return readToken(answer, now());
    }
    const retryAfter = headers['retry-after'];
    const retryAfterMs = parseRetryAfter(typeof retryAfter === 'string' ? retryAfter : undefined, now());
    return { ...tokenEndpointFailure(statusCode, answer), ...(retryAfterMs !== undefined && { retryAfterMs }) };
  } finally {
    await dispatcher.destroy();
  }
}

async function connection({ ca, proxy, timeoutMs }: TokenExchangeOptions): Promise<Dispatcher> {
  const { Agent, ProxyAgent } = await import('undici');
  const tls = { timeout: timeoutMs, ...(ca !== undefined && { ca: [...rootCertificates, ca] }) };
  return proxy === undefined ? new Agent({ connect: tls }) : new ProxyAgent({ uri: proxy, requestTls: tls });
}

function assertion({ account, tokenUrl, now }: TokenExchangeOptions): string {
  const issuedAt = Math.floor(now() / 1000);
  const claims = {
    iss: account.clientEmail,
    scope: SCOPE,
    aud: tokenUrl,
    iat: issuedAt,
    exp: issuedAt + ASSERTION_LIFE_S,
  };
  const { privateKey, privateKeyId } = account;
  return sign(claims, privateKey, { algorithm: 'RS256', ...(privateKeyId !== undefined && { keyid: privateKeyId }) });
}

/** Reads at most MAX_ANSWER_BYTES; a longer answer is not a token. */
async function readBounded(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MAX_ANSWER_BYTES) {
      return '';
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

const tokenAnswer = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]+$/), // it becomes a header
  expires_in: z.coerce.number().positive().default(DEFAULT_TOKEN_LIFE_S),
});
const errorAnswer = z.object({ error: z.enum(CREDENTIAL_ERRORS) });

function readToken(answer: unknown, now: number): TokenResult {
  const parsed = tokenAnswer.safeParse(answer);
  if (!parsed.success) {
    return { ok: false, kind: 'unavailable', reason: 'token-answer-invalid', status: 200 };
  }
  const { access_token: value, expires_in: seconds } = parsed.data;
  return { ok: true, token: { value, expiresAt: now + seconds * 1000 } };
}

/** Judges a token endpoint's refusal, whoever called it. */
export function tokenEndpointFailure(status: number, answer: unknown): TokenFailure {
  const parsed = errorAnswer.safeParse(answer);
  if (parsed.success && (status === 400 || status === 401)) {
    // The key was deleted, the account disabled, or our clock is wrong: repeating it is no use.
    return { ok: false, kind: 'refused', reason: `token-${parsed.data.error.replaceAll('_', '-')}`, status };
  }
  // 429, 5xx, or nothing that OAuth knows: something in between, or an incident. It will come back.
  return { ok: false, kind: 'unavailable', reason: `token-http-${status}`, status };
}

/** `TimeoutError` of the signal (a DOMException, not an Error everywhere); `ConnectTimeoutError` etc. of undici. */
function isTimeout(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && String(error.name).includes('TimeoutError');
}
