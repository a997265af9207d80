import { randomUUID } from 'node:crypto';

import type { Dispatch } from '@reveille/provider';
import { connectWorker, createDispatchWorker, putFailed } from '@reveille/queue';
import type { DispatchWorker, JobVerdict, RedisClient } from '@reveille/queue';
import { eventually } from '@reveille/testing';

import { GLOB, IOS, useCommandBench } from './test-command-bench';

const DELIVERED: JobVerdict = { kind: 'done', end: 'delivered' };
const DEAD: JobVerdict = { kind: 'dead', letter: { outcome: 'dead', reason: 'refused', provider_status: 413 } };
const MINUTE_MS = 60_000;
const CLOCK = { now: Date.now, ahead: () => 0, synchronised: Promise.resolve(), stop: () => undefined };

const bench = useCommandBench();
let workers: { readonly worker: DispatchWorker; readonly redis: RedisClient }[] = [];
afterEach(async () => {
  bench.terminal.seen();
  for (const { worker, redis } of workers) {
    await worker.close(1000);
    redis.disconnect();
  }
  workers = [];
});

/** Puts pushes into the failed set; resolves with their ids. */
async function fail(count: number, fields: Partial<Dispatch> = {}, appKey = IOS): Promise<string[]> {
  const at = Date.now() - MINUTE_MS;
  const dispatches = Array.from({ length: count }, (): Dispatch => {
    const id = randomUUID();
    return {
      ...{ id, kind: 'event', acceptedAt: at - MINUTE_MS, deadline: at + 60 * MINUTE_MS, deviceHash: `device-${id}` },
      ...{ eventHash: `event-${id}`, roomHash: 'room' },
      device: { appId: appKey, pushkey: 'nobody-sees-this', defaultPayload: { kind: 'absent' } },
      notification: { userIsTarget: false, priority: 'high', counts: {} },
      ...fields,
    };
  });
  const letter = { outcome: 'dead', reason: 'attempts-exhausted', provider_status: 503 } as const;
  await putFailed({ redis: bench.redis, prefix: 'reveille', appKey }, dispatches.map((dispatch) => ({ dispatch, letter, failedAt: at, attempts: 5 })));
  return dispatches.map(({ id }) => id);
}

/** A dispatcher that writes down what it sends. */
function dispatcher(verdict: (id: string) => JobVerdict = () => DELIVERED, appKey = IOS): string[] {
  const sent: string[] = [];
  const redis = connectWorker({ url: bench.server.url });
  const worker = createDispatchWorker({
    ...{ appKey, prefix: 'reveille', redis, clock: CLOCK, concurrency: 10 },
    deadLetters: { maxAgeMs: 60 * MINUTE_MS, maxCount: 100 },
    process: ({ dispatch }) => {
      const id = dispatch?.id ?? 'unreadable';
      sent.push(id);
      return Promise.resolve(verdict(id));
    },
    onPoison: () => undefined,
    onError: () => undefined,
  });
  workers.push({ worker, redis });
  return sent;
}

/** Runs a command with --json; its standard output must be one JSON value. */
async function json(...args: readonly string[]): Promise<{ exitCode: number; complained: string; value: unknown }> {
  const { exitCode, printed, complained } = await bench.run(...args, '--json');
  expect(printed).toMatch(/^[^\n]+\n$/);
  return { exitCode, complained, value: JSON.parse(printed) };
}

async function started(...args: readonly string[]): Promise<string> {
  const { exitCode, value } = await json('replay', ...args, '--no-wait');
  expect(exitCode).toBe(0);
  return (value as { id: string }).id;
}

const matched = async (): Promise<unknown> => {
  const { value } = await json('failed');
  return (value as { total: number }).total;
};
const audited = async (): Promise<unknown[]> => ((await json('audit')).value as { entries: unknown[] }).entries;
/** Until the command that is being followed says this. */
const seen = (text: string) => eventually(() => bench.terminal.seen().some((line) => line.includes(text)));

describe('replay', () => {
  it('sends what matches, each once, waits until it is over and counts the outcomes, as the API does', async () => {
    const ids = await fail(3);
    await fail(1, {}, GLOB);
    const sent = dispatcher();
    expect(await json('replay', '--app', IOS, '--rate', '1000')).toEqual({
      exitCode: 0,
      complained: '',
      value: {
        waits_for: [],
        id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        state: 'done',
        by: 'cli:alice',
        created_at: expect.stringMatching(/^20\S+Z$/) as string,
        filter: { app: IOS },
        rate: 1000,
        include_expired: false,
        matched: 3,
        done: 3,
        outcomes: {
          ...{ delivered: 3, rejected: 0, skipped: 0, superseded: 0, expired: 0, dead: 0, waiting: 0, not_sent: 0 },
          not_sent_by: { expired: 0, superseded: 0, already_delivered: 0, rejected: 0, parked: 0, unreadable: 0, gone: 0 },
        },
      },
    });
    expect(sent.toSorted()).toEqual(ids.toSorted());
    expect(await matched()).toBe(1);
    expect(await audited()).toEqual([
      expect.objectContaining({ actor: 'cli:alice', action: 'replay.start', app: IOS, count: 3, detail: { replay: expect.stringMatching(/^[0-9a-f-]{36}$/) as string, filter: { app: IOS }, rate: 1000, include_expired: false } }),
    ]);
    expect(bench.terminal.seen()).toContain('');
  });

  it('says it in words, with how far it is on the way', async () => {
    await fail(2);
    await fail(1, { deadline: Date.now() - 1000 });
    const running = bench.run('replay', '--reason', 'attempts-exhausted');
    await seen('1 of 3 done, 2 waiting, 1 not sent');
    dispatcher();
    const { exitCode, printed } = await running;
    expect(exitCode).toBe(0);
    expect(printed).toMatch(/^[0-9a-f-]{36}\n {2}state {4}done\n {2}started {2}20\S+Z by cli:alice\n {2}pushes {3}reason=attempts-exhausted; at most 100 a second\n/);
    expect(printed).toContain('\n  3  matched\n  2  delivered\n  1  not sent: past their deadline (--include-expired gives them a new one)\n');
  });

  it('has the exit code 1 when a push is dead again, which the next one sends', async () => {
    const [ill = ''] = await fail(2);
    dispatcher((id) => (id === ill ? DEAD : DELIVERED));
    expect(await json('replay', '--all')).toMatchObject({ exitCode: 1, value: { state: 'done', outcomes: { delivered: 1, dead: 1 } } });
    expect(await json('replay', '--ids', ill, '--preview')).toMatchObject({ exitCode: 0, value: { preview: { matched: 1, would_send: 1 } } });
  });

  it('sends those past their deadline too when asked to', async () => {
    const [late = ''] = await fail(1, { deadline: Date.now() - 1000 });
    const sent = dispatcher();
    expect(await json('replay', '--all')).toMatchObject({ exitCode: 0, value: { outcomes: { delivered: 0, not_sent: 1, not_sent_by: { expired: 1 } } } });
    expect(await json('replay', '--all', '--include-expired')).toMatchObject({ exitCode: 0, value: { include_expired: true, outcomes: { delivered: 1 } } });
    expect(sent).toEqual([late]);
  });

  it('says before what it would do, and changes nothing', async () => {
    const [one = '', two = ''] = await fail(3, { deadline: Date.now() - 1000 });
    await fail(1);
    expect(await json('replay', '--all', '--preview')).toEqual({
      exitCode: 0,
      complained: '',
      value: {
        preview: { ...{ matched: 4, would_send: 1, expired: 3, superseded: 0, already_delivered: 0, rejected: 0, parked: 0 }, unreadable: 0, estimated: false },
      },
    });
    expect((await bench.run('replay', '--ids', `${one},${two}`, '--preview', '--include-expired')).printed).toBe('  2  failed pushes match\n  2  would be sent\n');
    expect((await bench.run('replay', '--reason', 'nothing', '--preview')).printed).toBe('No failed push matches.\n');
    expect(await json('replay', 'list')).toMatchObject({ value: { replays: [] } });
    expect({ matched: await matched(), audited: await audited() }).toEqual({ matched: 4, audited: [] });
  });

  it('leaves what fails of an app that is in no configuration', async () => {
    await bench.redis.hset('reveille:served-apps', 'com.example.former', String(Date.now()));
    await fail(1, {}, 'com.example.former');
    expect(await json('replay', '--app', 'com.example.former')).toMatchObject({ exitCode: 0, value: { matched: 1, outcomes: { not_sent_by: { parked: 1 } } } });
  });

  it('is over at once when nothing matches', async () => {
    expect(await json('replay', '--all')).toMatchObject({ exitCode: 0, value: { state: 'done', matched: 0, done: 0 } });
  });

  it('is not begun when the audit cannot be written', async () => {
    await fail(1);
    await bench.redis.set('reveille:admin:audit', 'no stream');
    expect(await bench.run('replay', '--all')).toEqual({ exitCode: 1, printed: '', complained: 'reveille: Redis failed (WRONGTYPE)\n' });
    expect((await json('replay', 'list')).value).toEqual({ replays: [] });
    expect(await matched()).toBe(1);
  });
});

describe('a replay that is left', () => {
  it('by Ctrl-C stays as it is, and `replay resume` goes on with it', async () => {
    const ids = await fail(2);
    const running = json('replay', '--app', IOS);
    await seen('2 waiting');
    bench.terminal.interrupt();
    const { exitCode, complained, value } = await running;
    expect({ exitCode, value }).toMatchObject({ exitCode: 130, value: { state: 'running', matched: 2, done: 0, outcomes: { waiting: 2 } } });
    const { id } = value as { id: string };
    expect(complained).toBe(`reveille: replay ${id} is not cancelled: a running admin goes on with it, or \`reveille replay resume ${id}\`\n`);
    const sent = dispatcher();
    expect(await json('replay', 'resume', id)).toMatchObject({ exitCode: 0, value: { state: 'done', outcomes: { delivered: 2 } } });
    expect(sent.toSorted()).toEqual(ids.toSorted());
    // It ran: there was nothing to write down.
    expect(await audited()).toHaveLength(1);
  });

  it('by Ctrl-C does not wait for a Redis that is silent', async () => {
    await fail(1);
    const running = bench.run('replay', '--app', IOS);
    await seen('1 waiting');
    const pid = Number(/process_id:(\d+)/.exec(await bench.redis.info('server'))?.[1]);
    process.kill(pid, 'SIGSTOP');
    try {
      bench.terminal.interrupt();
      expect(await running).toMatchObject({ exitCode: 130, complained: expect.stringContaining('is not cancelled') as string });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it.each([
    ['pause', 'paused', 'it was paused; to go on: reveille replay resume'],
    ['cancel', 'cancelled', ''],
  ])('is not waited for after a `replay %s` of somebody else', async (change, state, hint) => {
    await fail(1);
    const running = json('replay', '--all');
    await seen('1 waiting');
    const { value } = await json('replay', 'list');
    const [{ id } = { id: '' }] = (value as { replays: { id: string }[] }).replays;
    expect(await json('replay', change, id)).toMatchObject({ exitCode: 0, value: { id, state } });
    expect(await running).toMatchObject({ exitCode: 1, complained: expect.stringContaining(hint) as string, value: { id, state } });
  });
});

describe('one replay of many', () => {
  it('is only begun with --no-wait; shown, paused, resumed and cancelled, each written down', async () => {
    await fail(3);
    const id = await started('--all', '--rate', '7');
    expect(await json('replay', 'show', id)).toMatchObject({ exitCode: 0, value: { id, state: 'running', rate: 7, matched: 3, done: 0 } });
    expect(await json('replay', 'pause', id)).toMatchObject({ exitCode: 0, value: { id, state: 'paused' } });
    expect(await json('replay', 'pause', id)).toMatchObject({ exitCode: 0, value: { id, state: 'paused' } });
    expect(await json('replay', 'resume', id, '--no-wait')).toMatchObject({ exitCode: 0, value: { state: 'running' } });
    expect(await json('replay', 'cancel', id)).toMatchObject({ exitCode: 0, value: { state: 'cancelled' } });
    for (const change of ['pause', 'resume']) {
      expect(await bench.run('replay', change, id)).toEqual({ exitCode: 1, printed: '', complained: `reveille: replay ${id} is over: cancelled\n` });
    }
    expect((await bench.run('replay', 'show', id)).printed).toContain(`${id}\n  state    cancelled\n`);
    expect(await audited()).toMatchObject([
      { action: 'replay.cancel', count: 3, detail: { replay: id } },
      { action: 'replay.resume', count: 3 },
      { action: 'replay.pause', count: 3 },
      { action: 'replay.start', count: 3, detail: { rate: 7 } },
    ]);
    expect(await matched()).toBe(3);
  });

  it('is found in the list, newest first, with what it is about', async () => {
    expect((await bench.run('replay', 'list')).printed).toBe('No replay yet.\n');
    const ids = await fail(2);
    const first = await started('--app', IOS, '--provider-reason', 'none', '--since', '2h');
    const second = await started('--ids', ids.join(','));
    const { printed } = await bench.run('replay', 'list');
    const [newest, oldest] = printed.split('\n');
    expect(newest).toMatch(new RegExp(`^${second}  running  0 of 2 done  20\\S+Z  cli:alice  2 chosen$`));
    expect(oldest).toMatch(new RegExp(`^${first}  running  0 of 2 done  20\\S+Z  cli:alice  app=com.example.ios provider_reason=none since=20\\S+Z$`));
    expect(await json('replay', 'list')).toMatchObject({ value: { replays: [{ id: second, filter: { ids } }, { id: first, filter: { app: IOS, provider_reason: null } }] } });
    // The audit has a number, not a thousand ids.
    expect(await audited()).toMatchObject([{ detail: { filter: { ids: 2 } } }, {}]);
  });

  it('is not there', async () => {
    const id = randomUUID();
    for (const action of ['show', 'pause', 'resume', 'cancel']) {
      expect(await bench.run('replay', action, id)).toEqual({ exitCode: 1, printed: '', complained: `reveille: no replay '${id}': they are kept for 7 days\n` });
    }
    expect(await audited()).toEqual([]);
  });
});

it.each([
  [[]],
  [['--preview']],
  [['--rate', '5']],
  [['--all', '--rate', '0']],
  [['--all', '--rate', '10001']],
  [['--ids', '']],
  [['--ids', 'a,,b']],
  [['--ids', ','.repeat(1000)]],
  [['--all', '--outcome', 'delivered']],
  [['--all', '--limit', '5']],
  [['--pushkey', 'nobody-sees-this', '--app', IOS]],
  [['list', '--app', IOS]],
  [['list', 'x']],
  [['list', '--no-wait']],
  [['show']],
  [['show', 'open']],
  [['pause', randomUUID(), '--no-wait']],
  [['resume', randomUUID(), randomUUID()]],
  [['stop', randomUUID()]],
])('refuses %j', async (args) => {
  const { exitCode, printed, complained } = await bench.run('replay', ...args);
  expect({ exitCode, printed, printsUsage: complained.includes('usage: reveille replay [--app APP]') }).toEqual({ exitCode: 2, printed: '', printsUsage: true });
  expect(complained).not.toContain('nobody-sees-this');
});
