import { createHttp2Transport } from '@reveille/http2-transport';
import type { Dispatch, Provider, SendOutcome } from '@reveille/provider';

import { createFcmClient } from './client';
import { createAccessTokens } from './credential';
import type { TokenResult } from './credential';
import { isTokenRefused, toOutcome, tokenFailureToOutcome } from './outcome';
import { buildData, encodeMessage } from './payload';
import type { FcmCredentials, FcmSettings } from './settings';
import { createTokenSource } from './token-source';
import type { ProxyVariables } from './token-source';

/** From the call of `messages:send` to the end of its answer, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;
/** A push about to expire still gets the time of a round trip, in milliseconds. */
const MIN_REQUEST_TIMEOUT_MS = 1_000;
/** For an access token, in milliseconds; Google's endpoint answers within one second. */
const TOKEN_TIMEOUT_MS = 10_000;

export interface FcmProviderOptions {
  readonly settings: FcmSettings;
  readonly credentials: FcmCredentials;
  /** HTTP proxy for CONNECT; a function if it differs by origin (`NO_PROXY`): FCM and the token endpoint are two. */
  readonly proxy?: string | ((origin: string) => string | undefined) | undefined;
  /** The process's environment: what firebase-admin would take a proxy from by itself, whatever `proxy` says. */
  readonly environment: ProxyVariables;
  /** Longest time of one call of FCM, in milliseconds; default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Longest time of one call of the token endpoint, in milliseconds; default 10,000. */
  readonly tokenTimeoutMs?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** One app at FCM HTTP v1: one call of `messages:send` for each dispatch. Opens no connection before the first send. */
export function createFcmProvider(options: FcmProviderOptions): Provider {
  const { settings, credentials, now = Date.now } = options;
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS, tokenTimeoutMs = TOKEN_TIMEOUT_MS } = options;
  const { proxy: configured } = options;
  const proxyFor = (to: string) => (typeof configured === 'function' ? configured(to) : configured);
  const origin = new URL(settings.url).origin;
  const proxy = proxyFor(origin);
  const transport = createHttp2Transport({
    origin,
    ...(credentials.ca !== undefined && { ca: credentials.ca }),
    ...(proxy !== undefined && { proxy }),
  });
  const client = createFcmClient(transport, credentials.projectId);
  const fetchToken = createTokenSource({
    credentials,
    tokenUrl: settings.token_url,
    proxyFor,
    environment: options.environment,
    timeoutMs: tokenTimeoutMs,
    now,
  });
  const tokens = createAccessTokens({ fetchToken, now });

  async function send(dispatch: Dispatch): Promise<SendOutcome> {
    const built = buildData(dispatch, settings, now());
    if (built.kind !== 'data') {
      return built;
    }
    const first = await timed(() => tokens.get());
    if (!first.result.ok) {
      return tokenFailureToOutcome(first.result, first.latencyMs);
    }
    // Encoded only now: the ttl is what is left when the push leaves.
    const body = encodeMessage(dispatch, built.data, settings, now());
    const used = first.result.token;
    const timeoutMs = Math.min(requestTimeoutMs, Math.max(dispatch.deadline - now(), MIN_REQUEST_TIMEOUT_MS));
    const answer = await client({ body, accessToken: used.value, timeoutMs });
    if (!isTokenRefused(answer)) {
      return toOutcome(answer, now());
    }
    // The access token ended early (a key rotated, clocks apart): renew it and send once more, never twice.
    const second = await timed(() => tokens.renew(used));
    if (!second.result.ok) {
      return tokenFailureToOutcome(second.result, second.latencyMs);
    }
    // The same token again (from a metadata server's cache) would only be refused again.
    const accessToken = second.result.token.value;
    return toOutcome(accessToken === used.value ? answer : await client({ body, accessToken, timeoutMs }), now());
  }

  return {
    type: 'fcm',
    send,
    credentials: () => {
      const expiresAt = tokens.expiresAt();
      return expiresAt === undefined ? [] : [{ credential: 'access_token', expiresAt }];
    },
    close: (graceMs) => transport.close(graceMs),
  };
}

async function timed(work: () => Promise<TokenResult>): Promise<{ result: TokenResult; latencyMs: number }> {
  const started = performance.now();
  const result = await work();
  return { result, latencyMs: performance.now() - started };
}
