import { noSessionCookie } from '../../auth/session-cookie';
import type { Sessions } from '../../auth/sessions';
import { defineRoute, type Route } from '../route';

export function logOut(sessions: Pick<Sessions, 'end'>): Route {
  return defineRoute({
    method: 'POST',
    path: '/api/v1/logout',
    right: 'viewer',
    summary: 'End the session',
    answers: { 204: null },
    async run(_input, { sessionToken, surroundings }) {
      if (sessionToken !== undefined) await sessions.end(sessionToken);
      return { status: 204, headers: { 'set-cookie': noSessionCookie(surroundings.isSecure) } };
    },
  });
}
