import { randomInt } from 'node:crypto';

import { hashPassword } from '@reveille/config';

/** Letters and digits that nobody takes for another one: no 0 and o, no 1, i and l. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
/** 5 groups of 4 of 31 characters are 99 bits: not to be found by trying, and short enough to be typed. */
const GROUPS = 5;
const GROUP_LENGTH = 4;

/** For the one start of a relay whose configuration lets nobody into the admin. */
export interface ServePassword {
  /** For the eyes of whoever started the relay; written nowhere else. */
  readonly password: string;
  /** For the admin. */
  readonly hash: string;
}

/** A new password, readable and easy to type: `k7fq-m2xp-...`. */
export async function makeServePassword(): Promise<ServePassword> {
  const group = (): string => Array.from({ length: GROUP_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
  const password = Array.from({ length: GROUPS }, group).join('-');
  return { password, hash: await hashPassword(password) };
}
