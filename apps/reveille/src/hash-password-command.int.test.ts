import { verifyPassword } from '@reveille/config';

import { runCommandLine } from './command-line';
import { testTerminal } from './test-terminal';

const PASSWORD = 'correct horse battery';
const terminal = testTerminal();
beforeEach(() => {
  terminal.sit(false);
  terminal.type();
  terminal.seen();
});

it('hashes what comes by standard input', async () => {
  terminal.type(PASSWORD);
  const { exitCode, printed } = await run();
  expect(exitCode).toBe(0);
  expect(printed).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$[^$]+\$[^$]+\n$/);
  expect(await verifyPassword(PASSWORD, printed.trim())).toBe(true);
});

it('asks twice at a terminal', async () => {
  terminal.sit(true);
  terminal.type(PASSWORD, PASSWORD);
  const { exitCode, printed } = await run('--json');
  expect(exitCode).toBe(0);
  expect(terminal.seen()).toEqual(['Password: ', 'Once more: ']);
  const { password_hash: hash } = JSON.parse(printed) as { password_hash: string };
  expect(await verifyPassword(PASSWORD, hash)).toBe(true);
});

it.each([
  [[PASSWORD, 'correct horse batterz'], 'the two are not the same'],
  [[PASSWORD], 'the two are not the same'],
  [['too short'], 'a password has at least 12 characters'],
  [['x'.repeat(1025)], 'a password has at most 1024 characters'],
  [['one line\nand another'], 'a password is one line'],
  [[], 'no password was given'],
])('refuses %j', async (typed, problem) => {
  terminal.sit(true);
  terminal.type(...typed);
  expect(await run()).toEqual({ exitCode: 1, printed: '', complained: `reveille: ${problem}\n` });
});

it('takes no password as an argument, and does not repeat it', async () => {
  const { exitCode, printed, complained } = await run(PASSWORD);
  expect({ exitCode, printed }).toEqual({ exitCode: 2, printed: '' });
  expect(complained).toContain('every process list would show it');
  expect(complained).not.toContain(PASSWORD);
});

async function run(...args: readonly string[]): Promise<{ exitCode: number; printed: string; complained: string }> {
  let printed = '';
  let complained = '';
  const exitCode = await runCommandLine(['hash-password', ...args], {
    environment: {},
    cwd: '/',
    print: (text) => void (printed += text),
    complain: (text) => void (complained += text),
    terminal,
  });
  return { exitCode, printed, complained };
}
