import type { Environment } from '@reveille/config';
import type { Logger } from '@reveille/observability';
import type { RedisClient } from '@reveille/queue';

import { createAuthenticate, type Authenticate } from './auth/authenticate';
import { createTokenCheck } from './auth/bearer-tokens';
import { createPasswordCheck } from './auth/check-password';
import { createLoginLimits } from './auth/login-limits';
import { createSessions } from './auth/sessions';
import { usersOf, type AdminSection } from './auth/users';
import type { RouteDeps } from './route-table';

export interface AdminLoginOptions {
  readonly admin: AdminSection;
  readonly environment: Environment;
  readonly redis: RedisClient;
  readonly prefix: string;
  readonly logger: Logger;
}

/** Everything by which somebody is known: passwords with their sessions, tokens, a proxy's header. */
export function createAdminLogin(options: AdminLoginOptions): { readonly authenticate: Authenticate; readonly session: RouteDeps['session'] } {
  const { admin, environment, redis, prefix, logger } = options;
  const users = usersOf(admin, environment);
  if (users.size === 0 && admin.tokens.length === 0 && admin.trusted_header === undefined) {
    logger.warn({ setting: 'admin.users' }, 'nobody can sign in to the admin: it has no user, no token and no trusted header');
  }
  const sessions = createSessions({ redis, prefix, users, ttlMs: admin.session_ttl });
  return {
    authenticate: createAuthenticate({ checkToken: createTokenCheck(admin.tokens), sessions, users, admin }),
    session: {
      users,
      sessions,
      checkPassword: createPasswordCheck(users),
      limits: createLoginLimits({ redis, prefix }),
      sessionTtlMs: admin.session_ttl,
      onTry: (result, name) => logger[result === 'ok' ? 'info' : 'warn']({ result, actor: name }, 'admin login'),
    },
  };
}
