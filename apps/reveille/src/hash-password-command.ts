import { hashPassword } from '@reveille/config';

import { EXIT_FAILED, UsageError } from './command';
import type { Command, CommandContext } from './command';

/** Characters. Below it a password is found by trying, even a hashed one. */
const MIN_LENGTH = 12;
/** What the admin takes at a login. Characters. */
const MAX_LENGTH = 1024;

/** Turns a password into what `admin.users` of the configuration holds. Never as an argument: every process list shows those. */
export const hashPasswordCommand: Command = {
  name: 'hash-password',
  usage: '[--json]',
  summary: 'makes the password_hash of a user of the admin; reads the password unseen, or from standard input',
  run: async (args, context) => {
    if (args.some((word) => word !== '--json')) {
      throw new UsageError('the password is asked for, or read from standard input; as an argument every process list would show it');
    }
    const password = await askForPassword(context);
    const problem = typeof password === 'string' ? problemOf(password) : password.problem;
    if (typeof password !== 'string' || problem !== undefined) {
      context.complain(`reveille: ${problem}\n`);
      return EXIT_FAILED;
    }
    const hash = await hashPassword(password);
    context.print(args.length > 0 ? `${JSON.stringify({ password_hash: hash })}\n` : `${hash}\n`);
    return 0;
  },
};

async function askForPassword({ terminal }: CommandContext): Promise<string | { readonly problem: string }> {
  const password = await terminal.readSecret('Password: ');
  if (password === undefined) return { problem: 'no password was given' };
  if (!terminal.asks || problemOf(password) !== undefined) return password;
  return (await terminal.readSecret('Once more: ')) === password ? password : { problem: 'the two are not the same' };
}

function problemOf(password: string): string | undefined {
  const length = [...password].length;
  if (length < MIN_LENGTH) return `a password has at least ${MIN_LENGTH} characters`;
  if (length > MAX_LENGTH) return `a password has at most ${MAX_LENGTH} characters`;
  return /[\r\n\0]/.test(password) ? 'a password is one line' : undefined;
}
