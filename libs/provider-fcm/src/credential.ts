/** A bearer token for `messages:send`. */
export interface AccessToken {
  readonly value: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export type TokenResult = { readonly ok: true; readonly token: AccessToken } | TokenFailure;

/** No access token. `refused`: our credential is wrong; `unavailable`: the token endpoint did not give an answer. */
export interface TokenFailure {
  readonly ok: false;
  readonly kind: 'refused' | 'unavailable';
  /** From a small set, fit for a metric label; never holds anything of the credential. */
  readonly reason: string;
  /** HTTP status of the token endpoint, if it answered. */
  readonly status?: number;
  /** Milliseconds, from the endpoint's `Retry-After`. */
  readonly retryAfterMs?: number;
}

/**
 * Gets an access token. Never throws.
 *
 * @param fresh the last one was refused: one from a cache is no use
 */
export type FetchToken = (fresh: boolean) => Promise<TokenResult>;

/** The access token of one app, kept between pushes. */
export interface AccessTokens {
  /** The current token, or a new one. Callers at the same time share one fetch. */
  get(): Promise<TokenResult>;
  /** A token other than `refused`, which FCM answered with 401: the current one if that is newer, else a new one. */
  renew(refused: AccessToken): Promise<TokenResult>;
  /** When the current token ends, in milliseconds since the epoch; undefined without one. */
  expiresAt(): number | undefined;
}

/** A token is replaced this long before it ends, in milliseconds: as google-auth-library does. */
export const EARLY_REFRESH_MS = 5 * 60 * 1000;
/** A failed replacement of a token that still works is tried again after this, in milliseconds. */
const EARLY_REFRESH_RETRY_MS = 10_000;

/**
 * Keeps the access token of one app. While it still works it is replaced behind the pushes' back, so that none waits
 * for the token endpoint but the first, and an endpoint that is down for five minutes delays nothing.
 *
 * @param options.now milliseconds since the epoch
 */
export function createAccessTokens(options: {
  readonly fetchToken: FetchToken;
  readonly now: () => number;
}): AccessTokens {
  const { fetchToken, now } = options;
  let current: AccessToken | undefined;
  let refreshAt = 0;
  let fetching: Promise<TokenResult> | undefined;
  let needsFresh = false;

  async function fetchAndKeep(): Promise<TokenResult> {
    try {
      const result = await fetchToken(needsFresh);
      if (result.ok) {
        needsFresh = false;
        current = result.token;
        refreshAt = earlyRefreshAt(result.token, now());
      }
      return result;
    } finally {
      fetching = undefined;
    }
  }
  const fetchOnce = () => (fetching ??= fetchAndKeep());

  async function get(): Promise<TokenResult> {
    const token = current;
    const time = now();
    if (token === undefined || time >= token.expiresAt) {
      return fetchOnce();
    }
    if (time >= refreshAt) {
      refreshAt = time + EARLY_REFRESH_RETRY_MS;
      void fetchOnce();
    }
    return { ok: true, token };
  }

  async function renew(refused: AccessToken): Promise<TokenResult> {
    // 500 pushes in flight get their 401 one after another: only the first one may throw the token away.
    if (current?.value === refused.value) {
      current = undefined;
      needsFresh = true;
    }
    return get();
  }

  return { get, renew, expiresAt: () => current?.expiresAt };
}

/** A token that lives less than twice EARLY_REFRESH_MS is replaced after half its life. */
function earlyRefreshAt(token: AccessToken, now: number): number {
  const life = Math.max(token.expiresAt - now, 0);
  return token.expiresAt - Math.min(EARLY_REFRESH_MS, life / 2);
}
