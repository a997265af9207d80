import { runCommandLine } from './command-line';
import { testTerminal } from './test-terminal';

const terminal = testTerminal();

describe('runCommandLine', () => {
  it('lists every command', async () => {
    const { exitCode, printed } = await run('--help');
    expect(exitCode).toBe(0);
    const roles = ['serve', 'ingress', 'dispatcher', 'admin', 'simulator', 'demo'];
    const controls = ['pause', 'resume', 'drain', 'concurrency', 'storms', 'rejections'];
    const views = ['ledger', 'failed', 'replay', 'explain', 'audit', 'check-config', 'hash-password', 'capacity'];
    for (const name of [...roles, ...controls, ...views]) {
      expect(printed).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
  });

  it('knows its version', async () => {
    expect(await run('--version')).toEqual({ exitCode: 0, printed: expect.stringMatching(/^reveille \d+\.\d+\.\d+\n$/) as string, complained: '' });
  });

  it.each([
    [['srve'], "unknown command 'srve'; did you mean 'serve'?"],
    [['checkconfig', 'x'], "did you mean 'check-config'?"],
    [['ledgre'], "did you mean 'ledger'?"],
    [['frobnicate-all'], "unknown command 'frobnicate-all'\n"],
    [[], 'a command is missing'],
    [['serve', '--http-port', '70000'], "--http-port must be a port from 0 (any free one) to 65535, not '70000'"],
    [['serve', '--http-port', '-1'], 'usage: reveille serve'],
    [['serve', '--confg', 'x'], 'usage: reveille serve'],
    [['serve', '--check-config'], 'reveille check-config FILE'],
    [['serve', 'reveille.yaml'], 'usage: reveille serve [--config FILE]'],
    [['check-config', 'one.yaml', 'two.yaml'], 'one file at a time'],
    [['demo', 'now'], 'usage: reveille demo'],
    [['capacity'], 'usage: reveille capacity --rate N'],
    [['reply'], "did you mean 'replay'?"],
    [['replay'], 'give --all'],
  ])('refuses %j with exit code 2 and a hint', async (args, hint) => {
    const { exitCode, printed, complained } = await run(...args);
    expect(exitCode).toBe(2);
    expect(printed).toBe('');
    expect(complained).toContain(hint);
  });

  it('explains one command', async () => {
    expect((await run('serve', '--help')).printed).toContain('reveille serve [--config FILE]');
    expect((await run('simulator', '--help')).printed).toContain('reveille simulator [--config FILE] [--apns-port N]');
  });

  it('names every flag of the simulator', async () => {
    const { printed } = await run('simulator', '--help');
    const flags = ['apns-port', 'config', 'control-port', 'directory', 'fcm-port', 'latency', 'token-port'];
    expect(printed.match(/--[a-z-]+/g)?.sort()).toEqual(flags.map((flag) => `--${flag}`));
  });
});

async function run(...args: readonly string[]): Promise<{ exitCode: number; printed: string; complained: string }> {
  let printed = '';
  let complained = '';
  const exitCode = await runCommandLine(args, {
    environment: {},
    cwd: '/',
    print: (text) => {
      printed += text;
    },
    complain: (text) => {
      complained += text;
    },
    terminal,
  });
  return { exitCode, printed, complained };
}
