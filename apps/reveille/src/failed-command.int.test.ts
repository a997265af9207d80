import { createHash } from 'node:crypto';

import { putFailed } from '@reveille/queue';
import type { PutPush } from '@reveille/queue';
import { createKeyedHash } from '@reveille/relay';

import { GLOB, HASH_KEY, IOS, PUSHKEY, useCommandBench } from './test-command-bench';

const hash = createKeyedHash(Buffer.from(HASH_KEY));
const EVENT = '$event-that-failed';
const NOW = Date.now();
const MINUTE_MS = 60_000;

const bench = useCommandBench({ privacy: { hash_key: HASH_KEY } });
beforeEach(async () => {
  await fail(IOS, { age: 3, letter: { outcome: 'dead', reason: 'attempts-exhausted', provider_status: 503, provider_reason: 'ServiceUnavailable' } });
  await fail(IOS, { age: 2, pushkey: PUSHKEY, eventId: EVENT, letter: { outcome: 'expired', reason: 'deadline' } });
  await fail(GLOB, { age: 1, appId: 'com.example.beta.two', pushkey: PUSHKEY, letter: { outcome: 'expired', reason: 'deadline' } });
});

interface FailedPush {
  readonly age: number;
  readonly appId?: string;
  readonly pushkey?: string;
  readonly eventId?: string;
  readonly letter: PutPush['letter'];
}

/** Its id says which one it is. */
async function fail(appKey: string, { age, appId = appKey, pushkey = `device-${age}`, eventId = `$event-${age}`, letter }: FailedPush): Promise<void> {
  const at = NOW - age * MINUTE_MS;
  await putFailed({ redis: bench.redis, prefix: 'reveille', appKey }, [
    {
      failedAt: at,
      attempts: age,
      letter,
      history: [JSON.stringify({ at: at - 1000, reason: 'provider-unavailable', status: 503, provider_reason: 'Shutdown\u001b[2J' })],
      dispatch: {
        id: uuid(age),
        kind: 'event',
        acceptedAt: at - MINUTE_MS,
        deadline: at,
        deviceHash: hash.device(appId, pushkey),
        eventHash: hash.event(eventId),
        roomHash: hash.room('!room'),
        device: { appId, pushkey, defaultPayload: { kind: 'absent' } },
        notification: { eventId, userIsTarget: false, priority: 'high', counts: {}, content: { text: { body: 'nobody reads this' }, offersVideo: false } },
      },
    },
  ]);
}

function uuid(age: number): string {
  const hex = createHash('sha256').update(String(age)).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

async function ids(...args: readonly string[]): Promise<string[]> {
  const { exitCode, printed, complained } = await bench.run('failed', ...args, '--json');
  expect({ exitCode, complained }).toEqual({ exitCode: 0, complained: '' });
  return (JSON.parse(printed) as { items: { id: string }[] }).items.map(({ id }) => id);
}

describe('failed', () => {
  it('lists them, newest first', async () => {
    const { exitCode, printed } = await bench.run('failed');
    expect(exitCode).toBe(0);
    const lines = printed.split('\n');
    expect(lines[0]).toMatch(/^20\S+Z {2}com\.example\.beta\.\* {2}expired deadline +1 attempts {2}[0-9a-f-]{36}$/);
    expect(lines[2]).toMatch(/ {2}com\.example\.ios +dead attempts-exhausted \(503 ServiceUnavailable\) {2}3 attempts {2}[0-9a-f-]{36}$/);
    expect(lines[3]).toBe('3 of 3 failed pushes');
    expect(printed).not.toContain(PUSHKEY);
  });

  it('speaks JSON, as the API does, page by page', async () => {
    const first = JSON.parse((await bench.run('failed', 'list', '--limit', '2', '--json')).printed) as { next: string };
    expect(first).toEqual({
      total: 3,
      items: [
        expect.objectContaining({ id: uuid(1), app: GLOB }),
        {
          id: uuid(2),
          app: IOS,
          outcome: 'expired',
          reason: 'deadline',
          provider_status: null,
          provider_reason: null,
          failed_at: new Date(NOW - 2 * MINUTE_MS).toISOString(),
          accepted_at: new Date(NOW - 3 * MINUTE_MS).toISOString(),
          deadline: new Date(NOW - 2 * MINUTE_MS).toISOString(),
          attempts: 2,
          event_hash: hash.event(EVENT),
          room_hash: hash.room('!room'),
          device_hash: hash.device(IOS, PUSHKEY),
          replayed: 0,
        },
      ],
      next: expect.any(String) as string,
      unreachable: [],
    });
    expect(await ids('--limit', '2', '--cursor', first.next)).toEqual([uuid(3)]);
    expect((await bench.run('failed', '--limit', '2')).printed).toContain(`2 of 3 failed pushes; more: --cursor '${first.next}'\n`);
  });

  it.each([
    [['--app', IOS], [2, 3]],
    [['--app', 'com.example.beta.two'], [1]],
    [['--outcome', 'dead'], [3]],
    [['--reason', 'deadline'], [1, 2]],
    [['--provider-status', '503', '--provider-reason', 'ServiceUnavailable'], [3]],
    [['--provider-status', 'none'], [1, 2]],
    [['--provider-reason', 'none', '--app', IOS], [2]],
    [['--since', '150s'], [1, 2]],
    [['--until', '150s'], [3]],
    [['--event', EVENT], [2]],
    [['--room', '!room', '--attempts-min', '2'], [2, 3]],
    [['--attempts-max', '2'], [1, 2]],
    [[`--pushkey-hash=${hash.device(IOS, PUSHKEY)}`], [2]],
    [['--reason', 'nothing'], []],
  ])('finds them by %j', async (args, expected) => {
    expect(await ids(...args)).toEqual(expected.map(uuid));
  });

  it('finds those of a device by its pushkey, which is read and not repeated', async () => {
    bench.terminal.type(PUSHKEY);
    expect(await ids('--app', IOS, '--pushkey', '-')).toEqual([uuid(2)]);
    bench.terminal.type(PUSHKEY);
    expect(await ids('--app', 'com.example.beta.two', '--pushkey', '-')).toEqual([uuid(1)]);
    bench.terminal.type(PUSHKEY);
    expect(await ids('--app', 'com.example.beta.three', '--pushkey', '-')).toEqual([]);
  });

  it('groups them by cause', async () => {
    await fail(IOS, { age: 4, letter: { outcome: 'dead', reason: 'attempts-exhausted', provider_status: 503, provider_reason: 'ServiceUnavailable' } });
    const { printed } = await bench.run('failed', 'causes', '--app', IOS);
    expect(printed).toMatch(/^2 {2}com\.example\.ios {2}dead attempts-exhausted \(503 ServiceUnavailable\) {2}20\S+Z to 20\S+Z\n1 {2}/);
    const { causes } = JSON.parse((await bench.run('failed', 'causes', '--outcome', 'expired', '--json')).printed) as { causes: unknown[] };
    expect(causes).toHaveLength(2);
    expect(causes).toContainEqual({
      app: IOS,
      outcome: 'expired',
      reason: 'deadline',
      provider_status: null,
      provider_reason: null,
      count: 1,
      first_at: new Date(NOW - 2 * MINUTE_MS).toISOString(),
      last_at: new Date(NOW - 2 * MINUTE_MS).toISOString(),
    });
  });

  it('shows one with its attempts and the shape of its payload, and nothing of its content', async () => {
    const { exitCode, printed } = await bench.run('failed', 'show', uuid(2));
    expect(exitCode).toBe(0);
    expect(printed).toMatch(/^ {2}failed {4}20\S+Z: expired deadline$/m);
    expect(printed).toMatch(/^ {4}20\S+Z {2}provider-unavailable {2}503 Shutdown\\u\{1b\}\[2J$/m);
    expect(printed).toContain('"string (17)"');
    const json = await bench.run('failed', 'show', uuid(2), '--app', IOS, '--json');
    expect(JSON.parse(json.printed)).toMatchObject({ id: uuid(2), priority: 'high', kind: 'event', unreadable: null, history: [{ status: 503, reason: 'provider-unavailable' }] });
    for (const secret of [PUSHKEY, 'nobody reads this', EVENT, '\u001b']) expect(printed + json.printed).not.toContain(secret);
  });

  it('says that there is none', async () => {
    expect(await bench.run('failed', 'show', uuid(9))).toEqual({ exitCode: 1, printed: '', complained: expect.stringContaining(`no failed push '${uuid(9)}'`) as string });
    expect(await bench.run('failed', '--app', 'com.example.iso')).toMatchObject({ exitCode: 1, complained: expect.stringContaining(`did you mean '${IOS}'?`) as string });
    await bench.redis.flushall();
    for (const view of ['list', 'causes']) expect(await bench.run('failed', view)).toEqual({ exitCode: 0, printed: 'No failed push.\n', complained: '' });
  });

  it.each([
    [['show']],
    [['show', 'a', 'b']],
    [['show', 'a', '--reason', 'x']],
    [['everything']],
    [['causes', '--limit', '5']],
    [['--limit', '0']],
    [['--limit', '201']],
    [['--cursor', 'x']],
    [['--provider-status', 'OK']],
    [['--outcome', 'delivered']],
    [['--reason', '']],
    [['--since', 'soon']],
    [['--until', '2999-01-01']],
    [['--attempts-min', '-1']],
    [['--pushkey-hash', 'not a hash']],
    [['--pushkey', '-', '--pushkey-hash', 'x']],
    [['--pushkey', '-']],
    [['--pushkey', '-', '--app', GLOB]],
    [['--pushkey', '-', '--app', IOS]],
  ])('refuses %j', async (args) => {
    bench.terminal.type(...(args.includes(IOS) ? [] : [PUSHKEY]));
    const { exitCode, complained } = await bench.run('failed', ...args);
    expect({ exitCode, printsUsage: complained.includes('usage: reveille failed [list | causes | show ID]') }).toEqual({ exitCode: 2, printsUsage: true });
  });

  it('takes no pushkey as an argument, and does not repeat it', async () => {
    const { exitCode, printed, complained } = await bench.run('failed', '--app', IOS, '--pushkey', PUSHKEY);
    expect({ exitCode, printed }).toEqual({ exitCode: 2, printed: '' });
    expect(complained).toContain('`--pushkey -`');
    expect(complained).not.toContain(PUSHKEY);
  });
});
