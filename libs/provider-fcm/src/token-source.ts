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
  readonly timeoutMs: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Chooses where an app's access tokens come from: firebase-admin for application default credentials and at Google's
 * own token endpoint; else our own exchange, because firebase-admin ignores `token_uri`, the agent that it is given (so
 * any authority of ours), and every proxy but the environment's.
 */
export function createTokenSource(options: TokenSourceOptions): FetchToken {
  const { credentials, proxyFor, timeoutMs, now } = options;
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
  const isPlainGoogle = tokenUrl === GOOGLE_TOKEN_URL && proxy === undefined && ca === undefined;
  return isPlainGoogle ? createCertificate({ account, projectId, renew: exchange, timeoutMs, now }) : exchange;
}
