import { createKeyedHash } from '@reveille/relay';

import { GLOB, HASH_KEY, IOS, PUSHKEY, useCommandBench } from './test-command-bench';

const hash = createKeyedHash(Buffer.from(HASH_KEY));
const EVENT = '$event:example.org';

const bench = useCommandBench({ privacy: { hash_key: HASH_KEY } });
beforeEach(() => bench.terminal.type(PUSHKEY));

describe('explain', () => {
  it('says of what it has never seen that it never arrived, or was too long ago', async () => {
    const { exitCode, printed, complained } = await bench.run('explain', '--app', IOS, '--event', EVENT);
    expect({ exitCode, complained }).toEqual({ exitCode: 0, complained: '' });
    expect(printed).toMatch(/never arrived/i);
    const { printed: json } = await bench.run('explain', '--app', 'com.example.beta.two', '--event', EVENT, '--pushkey', '-', '--json');
    expect(JSON.parse(json)).toMatchObject({
      app: GLOB,
      event_hash: hash.event(EVENT),
      device_hash: hash.device('com.example.beta.two', PUSHKEY),
      devices: [],
      truncated: false,
    });
  });

  it.each([
    [[]],
    [['--app', IOS]],
    [['--event', EVENT]],
    [['--app', IOS, '--event', '']],
    [['now', '--app', IOS, '--event', EVENT]],
    [['--app', GLOB, '--event', EVENT, '--pushkey', '-']],
    [['--app', IOS, '--event', EVENT, '--pushkey', PUSHKEY]],
  ])('refuses %j', async (args) => {
    const { exitCode, complained } = await bench.run('explain', ...args);
    expect({ exitCode, printsUsage: complained.includes('usage: reveille explain --app APP') }).toEqual({ exitCode: 2, printsUsage: true });
    expect(complained).not.toContain(PUSHKEY);
  });
});
