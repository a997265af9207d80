import { createHash, timingSafeEqual } from 'node:crypto';

import type { Identity } from './identity';
import type { AdminSection } from './users';

/** RFC 6750, 2.1. The scheme's name is in any case (RFC 9110, 11.1). */
const BEARER = /^bearer +(?<token>[A-Za-z0-9._~+/=-]{1,4096}) *$/i;

/**
 * Whose token an `Authorization` header holds; undefined: nobody's. Hashes are compared, all of them, so that the time it takes
 * says nothing of a token.
 */
export function createTokenCheck(tokens: AdminSection['tokens']): (authorization: string) => Identity | undefined {
  const known = tokens.flatMap(({ name, role, token }) => (token === undefined ? [] : [{ name, role, digest: digestOf(token) }]));
  return (authorization) => {
    const token = BEARER.exec(authorization)?.groups?.token;
    if (token === undefined) return undefined;
    const digest = digestOf(token);
    const [found] = known.filter((one) => timingSafeEqual(one.digest, digest));
    return found && { name: found.name, role: found.role, via: 'token' };
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
