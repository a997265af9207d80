import type { FetchToken } from './credential';
import { createApplicationDefault, createCertificate } from './google-credential';
import { GOOGLE_TOKEN_URL } from './service-account';
import type { FcmCredentials } from './settings';
import { createTokenExchange } from './token-exchange';

export interface TokenSourceOptions {
  readonly credentials: FcmCredentials;
  /** `token_url` of the settings. */
  readonly tokenUrl?: string | undefined;
  /** The HTTP proxy to use for an origin, if any. */
  readonly proxyFor: (origin: string) => string | undefined;
  /** The process's environment: firebase-admin goes by it, whatever `proxyFor` says. */
  readonly environment: ProxyVariables;
  readonly timeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The variables that firebase-admin's HTTP client (gaxios) takes a proxy from. */
const PROXY_VARIABLES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'] as const;

/** The part of a process environment that may name a proxy. Passed in: only libs/config reads the environment. */
export type ProxyVariables = Readonly<Partial<Record<(typeof PROXY_VARIABLES)[number], string | undefined>>>;

/**
 * Chooses where an app's access tokens come from: firebase-admin for application default credentials and at Google's
 * own token endpoint; else our own exchange, because firebase-admin ignores `token_uri`, the agent that it is given (so
 * any authority of ours), and every decision about a proxy but the environment's, `none` too.
 */
export function createTokenSource(options: TokenSourceOptions): FetchToken {
  const { credentials, proxyFor, environment, timeoutMs, now } = options;
  const { serviceAccount: account, projectId, ca } = credentials;
  if (account === undefined) {
    return createApplicationDefault({ timeoutMs, now });
  }
  const tokenUrl = options.tokenUrl ?? account.tokenUri;
  const proxy = proxyFor(new URL(tokenUrl).origin);
  const exchange = createTokenExchange({
    account,
    tokenUrl,
    timeoutMs,
    now,
    ...(ca !== undefined && { ca }),
    ...(proxy !== undefined && { proxy }),
  });
  // An environment without a proxy and a direct connection: there alone firebase-admin does what was decided.
  const isDirect = proxy === undefined && PROXY_VARIABLES.every((name) => !environment[name]);
  const isPlainGoogle = tokenUrl === GOOGLE_TOKEN_URL && ca === undefined && isDirect;
  return isPlainGoogle ? createCertificate({ account, projectId, renew: exchange, timeoutMs, now }) : exchange;
}
