import { loginAnswer, loginBody } from '@reveille/admin-api';

import type { LoginLimits } from '../../auth/login-limits';
import type { PasswordVerdict } from '../../auth/check-password';
import { sessionCookie } from '../../auth/session-cookie';
import type { Sessions } from '../../auth/sessions';
import type { User } from '../../auth/users';
import { errorAnswer, type RouteAnswer } from '../answers';
import { definePublicRoute, type Route } from '../route';

export interface LogInDeps {
  readonly users: ReadonlyMap<string, User>;
  readonly checkPassword: (name: string, password: string) => Promise<PasswordVerdict>;
  readonly limits: LoginLimits;
  readonly sessions: Pick<Sessions, 'begin'>;
  readonly sessionTtlMs: number;
  /** Told of each try; `name` only when it is a user's: what else is typed there may be a password. */
  readonly onTry: (result: 'ok' | 'wrong' | 'limited', name: string | undefined) => void;
}

/** When too many passwords are compared at once, in milliseconds. */
const BUSY_RETRY_MS = 1000;

export function logIn({ users, checkPassword, limits, sessions, sessionTtlMs, onTry }: LogInDeps): Route {
  return definePublicRoute({
    method: 'POST',
    path: '/api/v1/login',
    right: 'none',
    summary: 'Sign in with a password: sets a cookie',
    body: loginBody,
    answers: { 200: loginAnswer },
    async run({ body: { name, password } }, { surroundings: { address, isSecure } }) {
      const user = users.get(name);
      const attempt = await limits.attempt(name, address);
      if (!attempt.ok) {
        onTry('limited', user?.name);
        return tooMany(attempt.retryAfterMs);
      }
      const verdict = await checkPassword(name, password);
      if (verdict === 'busy') return tooMany(BUSY_RETRY_MS);
      if (verdict === 'wrong' || !user) {
        onTry('wrong', user?.name);
        return errorAnswer(401, 'unauthenticated', 'the name or the password is wrong');
      }
      const token = await sessions.begin(user);
      await attempt.succeeded();
      onTry('ok', user.name);
      const cookie = sessionCookie(token, { secure: isSecure, maxAgeMs: sessionTtlMs });
      return { status: 200, body: { name: user.name, role: user.role }, headers: { 'set-cookie': cookie } };
    },
  });
}

function tooMany(retryAfterMs: number): RouteAnswer {
  const seconds = Math.ceil(retryAfterMs / 1000);
  const answer = errorAnswer(429, 'too_many_attempts', `too many attempts: try again in ${seconds} s`);
  return { ...answer, headers: { 'retry-after': String(seconds) } };
}
