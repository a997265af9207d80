import type { CommonSettings } from './config-schema';

/**
 * By it `serve` hands the hash of the password that it made at its start to the admin it starts, for the user `admin`. No
 * setting: it counts only while the configuration lets nobody in.
 */
export const SERVE_PASSWORD_VARIABLE = 'REVEILLE_ADMIN_SERVE_PASSWORD_HASH';
/** The user of that password. */
export const SERVE_USER = 'admin';

/** Whether the configuration says how anybody gets into the admin. */
export function hasAdminLogin({ users, tokens, trusted_header }: CommonSettings['admin']): boolean {
  return users.length > 0 || tokens.length > 0 || trusted_header !== undefined;
}
