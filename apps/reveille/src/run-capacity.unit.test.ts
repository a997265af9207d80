import { z } from 'zod';

import { runCommandLine } from './command-line';
import { testTerminal } from './test-terminal';

async function capacity(...args: readonly string[]): Promise<{ exitCode: number; printed: string; complained: string }> {
  let printed = '';
  let complained = '';
  const exitCode = await runCommandLine(['capacity', ...args], {
    environment: {},
    cwd: '/',
    print: (text) => void (printed += text),
    complain: (text) => void (complained += text),
    terminal: testTerminal(),
  });
  return { exitCode, printed, complained };
}

const answerSchema = z.object({
  asked: z.record(z.string(), z.number()),
  ingress: z.object({ processes: z.number() }),
  connections: z.object({ apns: z.unknown(), fcm: z.unknown() }),
  redis: z.object({ data_bytes: z.number(), memory: z.record(z.string(), z.number()) }),
  warnings: z.array(z.object({ kind: z.string(), text: z.string() })),
});

async function answer(...args: readonly string[]): Promise<z.infer<typeof answerSchema>> {
  const { exitCode, printed, complained } = await capacity(...args, '--json');
  expect({ exitCode, complained }).toEqual({ exitCode: 0, complained: '' });
  expect(printed).toMatch(/^\{[^\n]*\}\n$/);
  return answerSchema.parse(JSON.parse(printed));
}

const kinds = async (...args: readonly string[]): Promise<string[]> => (await answer(...args)).warnings.map(({ kind }) => kind);

it('says what a rate needs', async () => {
  const { exitCode, printed, complained } = await capacity('--rate', '50000', '--latency', '80', '--devices', '20000000');
  expect({ exitCode, complained }).toEqual({ exitCode: 0, complained: '' });
  expect(printed).toMatch(/^50,000 pushes a second, 50 % to Google, providers answer in 80 ms, 20,000,000 devices, 2 apps;/);
  for (const title of ['ingress', 'dispatchers', 'admin', 'Apple', 'Google', 'Redis', 'cores']) expect(printed).toMatch(new RegExp(`^${title} +`, 'm'));
  expect(printed).toMatch(/^Apple +2,000 in flight; /m);
  expect(printed).toContain("! Of a project's quota 591,000 a minute are used, and this is 1,500,000");
});

it('is one line of JSON with --json, with everything that was taken for granted', async () => {
  const { asked, redis } = await answer('--rate', '1000', '--latency', '80', '--dedupe-window', '30m');
  expect(asked).toEqual({
    rate: 1000,
    latency_ms: 80,
    devices: 1_000_000,
    dead_share: 0.05,
    fcm_share: 0.5,
    fcm_projects: 1,
    apps: 2,
    outage_ms: 3_600_000,
    utilisation: 0.6,
    spare: 1,
    redis_machine_bytes: 32e9,
    dedupe_window_ms: 1_800_000,
    explain_pushes: 100_000,
  });
  expect(Object.values(redis.memory).reduce((sum, bytes) => sum + bytes, 0)).toBe(redis.data_bytes);
});

it('leaves a provider out that gets nothing', async () => {
  expect((await answer('--rate', '10', '--fcm-share', '0')).connections.fcm).toBeNull();
  expect((await answer('--rate', '10', '--fcm-share', '100')).connections.apns).toBeNull();
});

it('warns of what no machine mends', async () => {
  const queue = ['--outage', '1'];
  expect(await kinds('--rate', '10', '--outage', '60')).toEqual([]);
  expect(await kinds('--rate', '9850', '--fcm-share', '100', ...queue)).not.toContain('fcm-quota');
  expect(await kinds('--rate', '9851', '--fcm-share', '100', ...queue)).toContain('fcm-quota');
  expect(await kinds('--rate', '10001', '--fcm-share', '100', '--fcm-projects', '2', ...queue)).not.toContain('fcm-quota');
  expect(await kinds('--rate', '50000', '--fcm-share', '0', ...queue)).not.toContain('fcm-quota');
  expect(await kinds('--rate', '100', '--devices', '10', ...queue)).toContain('device-quota');
  expect(await kinds('--rate', '50000', '--fcm-share', '0', ...queue)).toContain('partitions');
  expect(await kinds('--rate', '1000', '--fcm-share', '0', '--outage', '20')).toContain('queue-limit');
  expect(await kinds('--rate', '1', '--outage', '61')).toEqual(['outage']);
});

it.each([
  [[], '--rate says how many pushes a second'],
  [['--rate', '0'], '--rate must be a whole number from 1'],
  [['--rate', 'many'], "not 'many'"],
  [['--rate', '1', '--latency', '0'], '--latency must be a whole number from 1 to 30000'],
  [['--rate', '1', '--fcm-share', '101'], '--fcm-share must be a whole number from 0 to 100'],
  [['--rate', '1', '--utilisation', '0'], '--utilisation must be a whole number from 1 to 100'],
  [['--rate', '1', '--dedupe-window', 'soon'], "--dedupe-window must be a time (30m, 1h, 1d), not 'soon'"],
  [['--rate', '1', '--apps', '1'], 'an app is of Apple or of Google'],
  [['--rate'], 'usage: reveille capacity --rate N'],
  [['--rate', '1', '--unknown'], '--unknown'],
  [['50000'], '50000'],
])('refuses %j with exit code 2', async (args, said) => {
  const { exitCode, printed, complained } = await capacity(...args);
  expect({ exitCode, printed }).toEqual({ exitCode: 2, printed: '' });
  expect(complained).toContain(said);
  expect(complained).toContain('usage: reveille capacity');
});

it('names every flag in its help', async () => {
  const { exitCode, printed } = await capacity('--help');
  expect(exitCode).toBe(0);
  // One for each assumption that the answer repeats, and --json.
  const assumptions = Object.keys((await answer('--rate', '1')).asked).length;
  expect(new Set(printed.match(/--[a-z-]+/g)).size).toBe(assumptions + 1);
});
