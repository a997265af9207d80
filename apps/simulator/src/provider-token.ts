import type { KeyObject } from 'node:crypto';

import { verify } from 'jsonwebtoken';

/** Apple: a provider token is refused when it was issued more than an hour ago. */
const MAX_AGE_S = 3600;
/** A token from further ahead than this was not made by a clock that is a little fast (milliseconds, say). */
const MAX_AHEAD_S = 300;
/** A client renews its JWT every 20 to 60 minutes: this is years of one, or a careless client's last thousand. */
const MAX_REMEMBERED = 1000;

export type ProviderTokenVerdict = 'valid' | 'MissingProviderToken' | 'InvalidProviderToken' | 'ExpiredProviderToken';

export interface ProviderTokenTerms {
  readonly publicKey: KeyObject;
  readonly teamId: string;
  readonly keyId: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/**
 * Judges the `authorization` header of a push as Apple documents it: `bearer` JWT, ES256, `kid`, `iss`, `iat`. A JWT
 * whose signature was found good is remembered, so that the check costs nothing for all but the first push with it.
 */
export function makeProviderTokenCheck(
  terms: ProviderTokenTerms,
): (authorization: string | undefined) => ProviderTokenVerdict {
  const issuedAtOf = new Map<string, number>();
  return (authorization) => {
    const jwt = authorization === undefined ? undefined : /^bearer +(\S+)$/i.exec(authorization)?.[1];
    if (jwt === undefined) return 'MissingProviderToken';
    const issuedAt = issuedAtOf.get(jwt) ?? verifiedIssuedAt(jwt, terms);
    if (issuedAt === undefined) return 'InvalidProviderToken';
    if (issuedAtOf.size >= MAX_REMEMBERED) issuedAtOf.clear();
    issuedAtOf.set(jwt, issuedAt);
    const ageS = terms.now() / 1000 - issuedAt;
    if (ageS < -MAX_AHEAD_S) return 'InvalidProviderToken';
    return ageS > MAX_AGE_S ? 'ExpiredProviderToken' : 'valid';
  };
}

/** `iat` in seconds since the epoch if the JWT is one of ours, undefined otherwise. */
function verifiedIssuedAt(jwt: string, { publicKey, teamId, keyId }: ProviderTokenTerms): number | undefined {
  try {
    const { header, payload } = verify(jwt, publicKey, {
      algorithms: ['ES256'],
      issuer: teamId,
      complete: true,
      ignoreExpiration: true,
    });
    return header.kid === keyId && typeof payload === 'object' ? payload.iat : undefined;
  } catch {
    return undefined;
  }
}
