import type { IncomingMessage } from 'node:http';

import type { Authenticate } from './auth/authenticate';
import { hasRight, type Right } from './auth/identity';
import { originOf } from './auth/same-origin';
import type { Surroundings } from './auth/surroundings';
import { errorAnswer, type RouteAnswer } from './routes/answers';
import type { Caller } from './routes/route';

export type Admission = { readonly ok: true; readonly caller: Caller } | { readonly ok: false; readonly answer: RouteAnswer };

/** Lets a request in, or answers it. Rejects when Redis must be asked and is away. */
export type Guard = (request: IncomingMessage, surroundings: Surroundings, right: Right) => Promise<Admission>;

const CHALLENGE = { 'www-authenticate': 'Bearer realm="reveille"' };
/** What changes nothing (RFC 9110, 9.2.1). */
const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

export function createGuard(authenticate: Authenticate): Guard {
  return async (request, surroundings, right) => {
    const isSafe = SAFE_METHODS.includes(request.method ?? '');
    const origin = isSafe ? 'same' : originOf(request.headers, surroundings.hosts);
    if (right === 'none') {
      // A login that another site makes would sign somebody in as its author. Programs say no origin.
      return origin === 'foreign' ? refused(foreignOrigin()) : { ok: true, caller: { identity: undefined, surroundings } };
    }
    const found = await authenticate(request, surroundings);
    if (found.kind !== 'known') return refused(unauthenticated(found.kind === 'wrong'));
    const { identity, sessionToken } = found;
    // A browser sends cookies by itself, and a proxy its header: only the origin says that it was our page that asked. No
    // browser sends a bearer token by itself.
    if (identity.via !== 'token' && origin !== 'same') return refused(foreignOrigin());
    if (!hasRight(identity, right)) return refused(errorAnswer(403, 'forbidden', `this needs the role ${right}; ${identity.name} is a ${identity.role}`));
    return { ok: true, caller: { identity, surroundings, sessionToken } };
  };
}

function refused(answer: RouteAnswer): Admission {
  return { ok: false, answer };
}

function unauthenticated(isWrong: boolean): RouteAnswer {
  const message = isWrong ? 'what was shown is not good, or not any more: sign in again' : 'sign in first';
  return { ...errorAnswer(401, 'unauthenticated', message), headers: CHALLENGE };
}

function foreignOrigin(): RouteAnswer {
  return errorAnswer(403, 'foreign_origin', 'the request does not come from the page of this admin');
}
