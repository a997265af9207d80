import { appKeyBase } from '@reveille/queue';
import { createRejectionMemory } from '@reveille/rejections';
import { createKeyedHash } from '@reveille/relay';

import { GLOB, HASH_KEY, IOS, PUSHKEY, useCommandBench } from './test-command-bench';

const hash = createKeyedHash(Buffer.from(HASH_KEY)).device(IOS, PUSHKEY);
const DIED = Date.parse('2026-01-31T12:00:00Z');

const bench = useCommandBench({ privacy: { hash_key: HASH_KEY } });
beforeEach(() => bench.terminal.type(PUSHKEY));

const memory = () => createRejectionMemory({ redis: bench.redis, baseOf: (appKey) => appKeyBase('reveille', appKey), ttlMs: 60_000 });
const remember = () => memory().remember(IOS, hash, { diedAt: DIED, reason: 'Unregistered' });

describe('rejections', () => {
  it('shows whether a device is known to be dead, since when and why', async () => {
    expect(await bench.run('rejections', 'show', '--app', IOS, '--pushkey', '-')).toEqual({ exitCode: 0, printed: `${hash} is not known to be dead.\n`, complained: '' });
    await remember();
    bench.terminal.type(PUSHKEY);
    expect(await bench.run('rejections', 'show', '--app', IOS, '--pushkey', '-')).toMatchObject({
      exitCode: 0,
      printed: `${hash} is dead since 2026-01-31T12:00:00.000Z (Unregistered); homeservers were told 0 times.\n`,
    });
    const { printed } = await bench.run('rejections', 'show', '--app', IOS, `--pushkey-hash=${hash}`, '--json');
    expect(JSON.parse(printed)).toEqual({
      known: true,
      app: IOS,
      pushkey_hash: hash,
      since: '2026-01-31T12:00:00.000Z',
      reason: 'Unregistered',
      told: 0,
      first_told: null,
      last_told: null,
    });
  });

  it('forgets one, and the audit has it', async () => {
    await remember();
    expect(await bench.run('rejections', 'forget', '--app', IOS, '--pushkey', '-')).toEqual({ exitCode: 0, printed: `${hash} is forgotten: its pushes are sent again.\n`, complained: '' });
    expect(await memory().recall(IOS, hash)).toBeUndefined();
    const again = await bench.run('rejections', 'forget', '--app', IOS, `--pushkey-hash=${hash}`, '--json');
    expect(JSON.parse(again.printed)).toEqual({ app: IOS, pushkey_hash: hash, forgotten: false });
    const { printed } = await bench.run('audit', '--limit', '1', '--json');
    expect(JSON.parse(printed)).toMatchObject({ entries: [{ actor: 'cli:alice', via: 'cli', action: 'rejection.forget', app: IOS, count: 1, detail: { pushkey_hash: hash } }] });
    expect(printed).not.toContain(PUSHKEY);
  });

  it('uses the hash key on Redis where none is configured', async () => {
    bench.configure({});
    const { printed } = await bench.run('rejections', 'show', '--app', IOS, '--pushkey', '-', '--json');
    const key = Buffer.from((await bench.redis.get('reveille:hash-key')) ?? '', 'base64');
    expect(JSON.parse(printed)).toMatchObject({ pushkey_hash: createKeyedHash(key).device(IOS, PUSHKEY) });
  });

  it.each([
    [[]],
    [['list']],
    [['show', '--app', IOS]],
    [['show', '--pushkey', '-']],
    [['show', '--app', GLOB, '--pushkey', '-']],
    [['forget', 'x', '--app', IOS, '--pushkey', '-']],
    [['show', '--app', IOS, '--pushkey', PUSHKEY]],
  ])('refuses %j', async (args) => {
    const { exitCode, complained } = await bench.run('rejections', ...args);
    expect({ exitCode, printsUsage: complained.includes('usage: reveille rejections show|forget') }).toEqual({ exitCode: 2, printsUsage: true });
    expect(complained).not.toContain(PUSHKEY);
  });
});
