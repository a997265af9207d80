import { hashPassword, verifyPassword } from '@reveille/config';

import type { User } from './users';

/** Passwords that are compared at once: each takes 32 MiB and a thread of four. */
const MAX_AT_ONCE = 2;
/** More do not wait: they are told to come again. */
const MAX_WAITING = 16;

/** `busy`: too many are compared at once. */
export type PasswordVerdict = 'right' | 'wrong' | 'busy';

/**
 * Compares a password with that of a user. A name that nobody has takes as long as one that somebody has, so that names cannot
 * be tried.
 */
export function createPasswordCheck(users: ReadonlyMap<string, User>): (name: string, password: string) => Promise<PasswordVerdict> {
  const hashes = [...users.values()].flatMap(({ passwordHash }) => passwordHash ?? []);
  // As expensive as that of a user.
  const dummy = hashes[0] ?? hashPassword('nobody');
  const waiting: (() => void)[] = [];
  let underWay = 0;

  return async (name, password) => {
    if (underWay >= MAX_AT_ONCE) {
      if (waiting.length >= MAX_WAITING) return 'busy';
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
    underWay++;
    try {
      const hash = users.get(name)?.passwordHash;
      const isRight = await verifyPassword(password, hash ?? (await dummy));
      return isRight && hash !== undefined ? 'right' : 'wrong';
    } finally {
      underWay--;
      waiting.shift()?.();
    }
  };
}
