import { randomBytes } from 'node:crypto';

/** Google: an access token of a service account lives for an hour. */
const LIFETIME_S = 3600;
/** Google answers one second less. */
const TOLD_LIFETIME_S = LIFETIME_S - 1;

export interface AccessTokens {
  readonly issue: () => { readonly accessToken: string; readonly expiresInS: number };
  /** The `authorization` header carries a token that was issued here and is not past its end. */
  readonly accepts: (authorization: string | undefined) => boolean;
  readonly issued: () => number;
}

/** The access tokens handed out since the start. */
export function makeAccessTokens(now: () => number): AccessTokens {
  const endsAt = new Map<string, number>();
  return {
    issue() {
      const accessToken = `ya29.${randomBytes(32).toString('base64url')}`;
      endsAt.set(accessToken, now() + LIFETIME_S * 1000);
      return { accessToken, expiresInS: TOLD_LIFETIME_S };
    },
    accepts(authorization) {
      const accessToken = authorization === undefined ? undefined : /^bearer +(\S+)$/i.exec(authorization)?.[1];
      return accessToken !== undefined && (endsAt.get(accessToken) ?? 0) > now();
    },
    issued: () => endsAt.size,
  };
}
