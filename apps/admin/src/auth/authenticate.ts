import type { IncomingMessage } from 'node:http';

import type { Identity } from './identity';
import { readSessionCookie } from './session-cookie';
import type { Sessions } from './sessions';
import type { Surroundings } from './surroundings';
import type { AdminSection, User } from './users';

/** Who asks. `none`: nobody showed anything. `wrong`: what was shown is not (or no longer) good. */
export type Authentication =
  | { readonly kind: 'known'; readonly identity: Identity; readonly sessionToken?: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'wrong' };

export interface AuthenticateOptions {
  readonly checkToken: (authorization: string) => Identity | undefined;
  readonly sessions: Pick<Sessions, 'find'>;
  readonly users: ReadonlyMap<string, User>;
  readonly admin: Pick<AdminSection, 'trusted_header' | 'trusted_header_role'>;
}

export type Authenticate = (request: IncomingMessage, surroundings: Surroundings) => Promise<Authentication>;

/** A name that a proxy may pass on: nothing that would be unreadable, or another's, in the audit. */
const NAME = /^[^\p{C}\p{Z}\ufffd](?:[^\p{C}\ufffd]{0,126}[^\p{C}\p{Z}\ufffd])?$/u;

/**
 * Reads who asks: a bearer token, else the trusted header, else the session. What is shown first decides: a wrong token is not
 * made up for by a cookie. Rejects when the session cannot be looked up, for Redis is away.
 */
export function createAuthenticate({ checkToken, sessions, users, admin }: AuthenticateOptions): Authenticate {
  const headerName = admin.trusted_header?.toLowerCase();

  return async (request, { isFromProxy, isNameOurs }) => {
    const { headers } = request;
    if (headers.authorization !== undefined) return known(checkToken(headers.authorization));
    // From anybody else the header is a stranger's claim: it counts for nothing, and what else there is decides.
    const named = headerName !== undefined && isFromProxy && isNameOurs ? headers[headerName] : undefined;
    if (named !== undefined && named !== '') return known(headerIdentity([named].flat(), users, admin));
    const token = readSessionCookie(headers.cookie);
    if (token === undefined) return { kind: 'none' };
    const user = await sessions.find(token);
    if (!user) return { kind: 'wrong' };
    return { kind: 'known', identity: { name: user.name, role: user.role, via: 'password' }, sessionToken: token };
  };
}

function known(identity: Identity | undefined): Authentication {
  return identity ? { kind: 'known', identity } : { kind: 'wrong' };
}

/** One name, and one only: several are what a client slipped in beside the proxy's. */
function headerIdentity(
  names: readonly string[],
  users: ReadonlyMap<string, User>,
  { trusted_header_role }: AuthenticateOptions['admin'],
): Identity | undefined {
  const [name, ...others] = names.flatMap((text) => asUtf8(text).split(',')).map((text) => text.trim());
  if (name === undefined || others.length > 0 || !NAME.test(name)) return undefined;
  const user = users.get(name);
  if (user) return { name, role: user.role, via: 'header' };
  return trusted_header_role === 'none' ? undefined : { name, role: trusted_header_role, via: 'header' };
}

/** Node reads headers byte by byte (RFC 9110, 5.5); proxies write names in UTF-8. */
function asUtf8(text: string): string {
  return Buffer.from(text, 'latin1').toString('utf8');
}
