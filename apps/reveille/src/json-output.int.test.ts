import { appKeyBase } from '@reveille/queue';

import { relayCommands } from './relay-commands';
import { IOS, startCommandBench, type CommandBench } from './test-command-bench';

let bench: CommandBench;
beforeAll(async () => {
  bench = await startCommandBench();
  await bench.reset();
});
afterAll(() => bench.close());

const DEVICE = ['--app', IOS, '--pushkey-hash', 'hash'];
const EXAMPLES: readonly (readonly string[])[] = [
  ['ledger'],
  ['pause', IOS],
  ['pause', IOS],
  ['resume', IOS],
  ['drain', IOS, 'on'],
  ['concurrency', IOS, '5'],
  ['concurrency', IOS, 'default'],
  ['storms'],
  ['failed'],
  ['failed', 'causes'],
  ['replay', '--all', '--preview'],
  ['replay', '--all', '--no-wait'],
  ['replay', '--all'],
  ['replay', 'list'],
  ['rejections', 'show', ...DEVICE],
  ['rejections', 'forget', ...DEVICE],
  ['explain', '--app', IOS, '--event', '$event'],
  ['audit'],
];

it.each(EXAMPLES.map((args) => [args.join(' '), args] as const))('%s --json prints one JSON object on one line, and nothing beside it', async (_name, args) => {
  const { exitCode, printed, complained } = await bench.run(...args, '--json');
  expect({ exitCode, complained }).toEqual({ exitCode: 0, complained: '' });
  expect(printed).toMatch(/^\{[^\n]*\}\n$/);
  expect(JSON.parse(printed)).toBeInstanceOf(Object);
});

it.each(EXAMPLES.map((args) => [args.join(' '), args] as const))('%s prints nothing with --json when it does not work', async (_name, args) => {
  // Nothing is where it belongs.
  await bench.redis.flushall();
  const base = appKeyBase('reveille', IOS);
  for (const key of ['reveille:served-apps', 'reveille:admin:audit', 'reveille:replays', `${base}gate`, `${base}controls`]) await bench.redis.set(key, 'x');
  expect(await bench.run(...args, '--json')).toEqual({ exitCode: 1, printed: '', complained: 'reveille: Redis failed (WRONGTYPE)\n' });
});

it('has an example of every command', () => {
  expect(new Set(EXAMPLES.map(([name]) => name))).toEqual(new Set(relayCommands.map(({ name }) => name)));
});
