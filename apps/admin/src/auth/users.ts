import { createHash } from 'node:crypto';

import type { Role } from '@reveille/admin-api';
import { hasAdminLogin, SERVE_PASSWORD_VARIABLE, SERVE_USER, type CommonSettings, type Environment } from '@reveille/config';

export type AdminSection = CommonSettings['admin'];

export interface User {
  readonly name: string;
  readonly role: Role;
  /** Absent: this user comes by the trusted header only. */
  readonly passwordHash?: string;
  /** Changes with the user's role and password: a session of before ends. */
  readonly version: string;
}

/** The users by name: those of the configuration, or else the one whose password `serve` made. */
export function usersOf(admin: AdminSection, environment: Environment): ReadonlyMap<string, User> {
  const served = environment[SERVE_PASSWORD_VARIABLE];
  const users =
    served !== undefined && !hasAdminLogin(admin)
      ? [userOf(SERVE_USER, 'operator', served)]
      : admin.users.map(({ name, role, password_hash }) => userOf(name, role, password_hash));
  return new Map(users.map((user) => [user.name, user]));
}

function userOf(name: string, role: Role, passwordHash: string | undefined): User {
  const version = createHash('sha256').update(JSON.stringify([name, role, passwordHash ?? null])).digest('base64url');
  return { name, role, version, ...(passwordHash !== undefined && { passwordHash }) };
}
