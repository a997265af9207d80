import { GLOB, IOS, useCommandBench } from './test-command-bench';

const bench = useCommandBench();

describe('audit', () => {
  it('has what every command did, newest first', async () => {
    await bench.run('pause', IOS, '--reason', 'one\u001b[31m word');
    await bench.run('drain', GLOB, 'on');
    await bench.run('concurrency', IOS, '5');
    await bench.run('resume', IOS);
    const { exitCode, printed } = await bench.run('audit', '--json');
    expect(exitCode).toBe(0);
    const { entries } = JSON.parse(printed) as { entries: unknown[] };
    const common = { id: expect.any(String) as string, at: expect.stringMatching(/^20.+Z$/) as string, actor: 'cli:alice', role: 'operator', via: 'cli', count: null };
    expect(entries).toEqual([
      { ...common, action: 'app.resume', app: IOS, detail: { was: 'paused' } },
      { ...common, action: 'app.concurrency', app: IOS, detail: { limit: 5 } },
      { ...common, action: 'app.drain', app: GLOB, detail: { on: true } },
      { ...common, action: 'app.pause', app: IOS, detail: { reason: 'one\u001b[31m word' } },
    ]);

    const lines = (await bench.run('audit')).printed.trimEnd().split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[1]).toMatch(/^20\S+Z {2}cli:alice {2}cli {2}app\.concurrency {2}com\.example\.ios {5}\{"limit":5\}$/);
    expect(lines.join('')).not.toContain('\u001b');
    expect((await bench.run('audit', '--limit', '2')).printed.trimEnd().split('\n')).toHaveLength(2);
  });

  it('must be written, or nothing is done', async () => {
    await bench.redis.set('reveille:admin:audit', 'no stream');
    expect(await bench.run('pause', IOS)).toEqual({ exitCode: 1, printed: '', complained: 'reveille: Redis failed (WRONGTYPE)\n' });
    await bench.withQueue(IOS, async ({ gate }) => expect(await gate.read()).toBeUndefined());
  });

  it('says when nobody has done anything', async () => {
    expect(await bench.run('audit')).toEqual({ exitCode: 0, printed: 'Nobody has done anything yet.\n', complained: '' });
  });

  it.each([[['everything']], [['--limit', '0']], [['--limit', 'many']]])('refuses %j', async (args) => {
    expect(await bench.run('audit', ...args)).toMatchObject({ exitCode: 2, complained: expect.stringContaining('usage: reveille audit') as string });
  });
});
