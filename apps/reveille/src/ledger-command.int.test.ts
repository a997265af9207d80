import { appKeyBase, noteServedApps } from '@reveille/queue';

import { GLOB, IOS, useCommandBench } from './test-command-bench';

const HOUR_MS = 3_600_000;
const hour = Math.floor(Date.now() / HOUR_MS);

const bench = useCommandBench();

describe('ledger', () => {
  it('prints the balance of each app as a sum, and that of all', async () => {
    await book(IOS, { accepted: 1000, delivered: 900, rejected: 50, skipped: 1, superseded: 9, expired: 30, dead: 10, duplicates: 7, told: 3 });
    const { exitCode, printed, complained } = await bench.run('ledger');
    expect({ exitCode, complained }).toEqual({ exitCode: 0, complained: '' });
    expect(printed).toContain(`${IOS}
    1000  accepted
  =  900  delivered
  +   50  rejected
  +    1  skipped
  +    9  superseded
  +   30  expired
  +   10  dead
  +    0  waiting: queued 0, delayed 0, active 0, parked 0
  It closes.
  beside it: 7 duplicates absorbed, 3 rejections told
`);
    expect(printed).toMatch(/^all 2 apps\n {4}1000 {2}accepted$/m);
  });

  it('shows where the waiting ones are', async () => {
    await book(IOS, { accepted: 3, delivered: 1 });
    await bench.redis.lpush(`${appKeyBase('reveille', IOS)}wait`, 'one');
    await bench.redis.zadd(`${appKeyBase('reveille', IOS)}delayed`, 1, 'two');
    const { exitCode, printed } = await bench.run('ledger', '--app', IOS);
    expect(exitCode).toBe(0);
    expect(printed).toContain('  + 2  waiting: queued 1, delayed 1, active 0, parked 0\n  It closes.\n');
    expect(printed).not.toContain('all ');
  });

  it.each([
    ['lost', { accepted: 10, delivered: 7 }, '3 accepted pushes have neither ended nor wait'],
    ['counted twice', { accepted: 10, delivered: 12 }, '2 more have ended or wait than were accepted'],
  ])('exits with 1 when pushes are %s, also when another app makes up for them', async (_name, counts, message) => {
    await book(IOS, counts);
    await book(GLOB, { accepted: counts.delivered, delivered: counts.accepted });
    const { exitCode, printed } = await bench.run('ledger');
    expect(exitCode).toBe(1);
    expect(printed).toContain(`It does NOT close: ${message}.`);
    expect(JSON.parse((await bench.run('ledger', '--json')).printed)).toMatchObject({ closes: false, total: { difference: 0 } });
  });

  it('counts what was accepted since a time, by the hour', async () => {
    await book(IOS, { accepted: 30, delivered: 30 });
    await book(IOS, { accepted: 20, delivered: 20 }, hour - 30);
    await book(IOS, { accepted: 10, delivered: 9 }, hour);
    const since = new Date(hour * HOUR_MS).toISOString();
    for (const time of [since, String(hour * HOUR_MS), String((hour * HOUR_MS) / 1000)]) {
      const { exitCode, printed } = await bench.run('ledger', '--app', IOS, '--since', time);
      expect(exitCode).toBe(0);
      expect(printed).toContain(`    10  accepted since ${since}\n  =  9  delivered\n`);
      expect(printed).toContain('  +  1  not ended yet\n');
    }
    expect(JSON.parse((await bench.run('ledger', '--since', '2d', '--json')).printed)).toMatchObject({
      closes: true,
      apps: { [IOS]: { accepted: 30, delivered: 29, open: 1 }, [GLOB]: { accepted: 0 } },
      total: { accepted: 30 },
    });
  });

  it('also speaks of apps that have left the configuration', async () => {
    const former = 'com.example.former';
    await noteServedApps({ redis: bench.redis, prefix: 'reveille' }, [IOS, former], Date.now());
    await book(former, { accepted: 2, delivered: 1 });
    const { exitCode, printed } = await bench.run('ledger');
    expect({ exitCode, blocks: printed.match(/^\S.*$/gm) }).toEqual({ exitCode: 1, blocks: [IOS, GLOB, former, 'all 3 apps'] });
    expect(await bench.run('ledger', '--app', former)).toMatchObject({ exitCode: 1 });
    expect(await bench.run('ledger', '--app', IOS)).toMatchObject({ exitCode: 0 });
  });

  it.each([
    [['--since', 'yesterday'], '--since must be'],
    [['--since', '90'], '--since must be'],
    [['--since', '2999-01-01'], 'in the future'],
    [['--since', '36d'], '35 days at most'],
    [[IOS], `--app ${IOS}`],
  ])('refuses %j', async (args, hint) => {
    const { exitCode, printed, complained } = await bench.run('ledger', ...args);
    expect({ exitCode, printed }).toEqual({ exitCode: 2, printed: '' });
    expect(complained).toContain(hint);
    expect(complained).toContain('usage: reveille ledger [--app APP] [--since TIME]');
  });

  it('knows no other app', async () => {
    expect(await bench.run('ledger', '--app', 'com.example.iso')).toMatchObject({ exitCode: 1, complained: expect.stringContaining(`did you mean '${IOS}'?`) as string });
  });
});

/** As the relay's own scripts count. */
async function book(app: string, counts: Readonly<Record<string, number>>, ofHour?: number): Promise<void> {
  const key = `${appKeyBase('reveille', app)}ledger`;
  await bench.redis.hset(ofHour === undefined ? key : `${key}:${ofHour}`, counts);
}
