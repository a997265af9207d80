import type { Role } from '@reveille/admin-api';

/** Who asks, and how they showed it. */
export interface Identity {
  readonly name: string;
  readonly role: Role;
  readonly via: 'password' | 'token' | 'header';
}

/** What a route asks of whoever calls it; `none`: anybody may. */
export type Right = 'none' | Role;

/** Whether somebody may do what needs this right. Operators may all that viewers may. */
export function hasRight(identity: Identity | undefined, right: Right): boolean {
  switch (right) {
    case 'none':
      return true;
    case 'viewer':
      return identity !== undefined;
    case 'operator':
      return identity?.role === 'operator';
    default:
      return right satisfies never;
  }
}
