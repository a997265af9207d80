import { connectWorker } from '../connect-redis';
import { createDispatchCodec } from '../dispatch-codec';
import { useTestQueue } from '../test-queue';
import { createQueueFailed, type AppFailed } from './queue-failed';
import { createFailedPushes, type FailedPushesOptions } from './failed-pushes';
import type { FailedPushes } from './failed-types';
import { putFailed } from './put-failed';
import { dispatch, FAILED_AT, push } from './test-failed';
import { TooManyToSearch } from './too-many-to-search';

const { redis, prefix, url } = useTestQueue();

/** More than one script looks at. */
const PUSHES = 2400;
const PAGE = 20;
const UNTIL = FAILED_AT + PUSHES;
const BOTH = { deviceHash: 'device-1', roomHash: 'room-1' };
const OTHER_ROOM = { deviceHash: 'device-1', roomHash: 'room-2' };

const failedPushes = (options: Partial<FailedPushesOptions> = {}): FailedPushes =>
  createFailedPushes({ redis: redis(), prefix: prefix(), apps: () => Promise.resolve(['a']), codec: createDispatchCodec(), ...options });
const appFailed = (): AppFailed => createQueueFailed({ redis: redis(), prefix: prefix(), key: 'a', codec: createDispatchCodec() });

/** All of one device and event; one in ten of another room, one in three expired. */
async function fill(): Promise<void> {
  const pushes = Array.from({ length: PUSHES }, (_, number) =>
    push({
      failedAt: FAILED_AT + number,
      attempts: 1 + (number % 2),
      letter: number % 3 === 0 ? { outcome: 'expired', reason: 'deadline', provider_status: 503 } : { outcome: 'dead', reason: 'poison' },
      dispatch: dispatch({ roomHash: number % 10 === 0 ? 'room-2' : 'room-1' }),
    }),
  );
  for (let at = 0; at < PUSHES; at += 500) await putFailed({ redis: redis(), prefix: prefix(), appKey: 'a' }, pushes.slice(at, at + 500));
}

/** How often Redis was asked each command, those of scripts included. */
async function commandsOf(question: () => Promise<unknown>): Promise<Record<string, number>> {
  await redis().config('RESETSTAT');
  await question();
  const stats = await redis().info('commandstats');
  return Object.fromEntries([...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)].map(([, command = '', calls = '']) => [command, Number(calls)]));
}

describe('of several terms at once', () => {
  beforeEach(fill);

  it('a page, and a step of a replay, look at what they return, wherever they begin', async () => {
    const before = { failedAt: FAILED_AT + 1000, id: '' };
    const page = await commandsOf(() => appFailed().newestFirst(BOTH, { before, limit: PAGE }));
    expect(page).toMatchObject({ evalsha: 1 });
    expect(page.zscore).toBeLessThan(2 * PAGE);
    const step = await commandsOf(() => failedPushes().oldestFirst('a', BOTH, { after: before, until: UNTIL, limit: PAGE }));
    expect(step).toMatchObject({ evalsha: 1 });
    expect(step.zscore).toBeLessThan(2 * PAGE);
  });

  it('all steps of a replay look at each push once', async () => {
    const found: number[] = [];
    const commands = await commandsOf(async () => {
      for (let after; ; ) {
        const places = await failedPushes().oldestFirst('a', BOTH, { after, until: UNTIL, limit: 250 });
        found.push(...places.map(({ failedAt }) => failedAt - FAILED_AT));
        if (places.length < 250) return;
        after = places.at(-1);
      }
    });
    expect(found).toEqual(Array.from({ length: PUSHES }, (_, number) => number).filter((number) => number % 10 !== 0));
    expect(commands.zscore).toBeLessThanOrEqual(PUSHES);
  });

  it('the rarest is what is looked through, of each cause', async () => {
    const commands = await commandsOf(() => failedPushes().count('a', OTHER_ROOM));
    expect(commands.zscore).toBe(PUSHES / 10);
  });

  it('numbers and causes are counted without a look at jobs', async () => {
    const causes = await failedPushes().causes(BOTH);
    const times = (isExpired: boolean) =>
      Array.from({ length: PUSHES }, (_, number) => number).filter((number) => number % 10 !== 0 && (number % 3 === 0) === isExpired);
    const expected = (numbers: readonly number[]) => ({ app: 'a', count: numbers.length, firstAt: FAILED_AT + (numbers[0] ?? 0), lastAt: FAILED_AT + (numbers.at(-1) ?? 0) });
    expect(causes).toEqual({
      causes: [
        { outcome: 'dead', reason: 'poison', ...expected(times(false)) },
        { outcome: 'expired', reason: 'deadline', providerStatus: 503, ...expected(times(true)) },
      ],
      unreachable: [],
    });
    const commands = await commandsOf(() => failedPushes().causes(BOTH));
    expect(Object.keys(commands)).not.toContain('hmget');
  });

  it('too many are another failure than a Redis that is away, and only for who waits', async () => {
    const hasty = failedPushes({ patienceMs: 0 });
    await expect(hasty.causes(BOTH)).rejects.toThrow(TooManyToSearch);
    await expect(hasty.search(BOTH, { limit: PAGE })).rejects.toThrow(TooManyToSearch);
    expect(await hasty.count('a', BOTH)).toBe((PUSHES * 9) / 10);
    expect(await hasty.oldestFirst('a', BOTH, { after: undefined, until: UNTIL, limit: PUSHES })).toHaveLength((PUSHES * 9) / 10);
    // Less, or a single term, is not too many.
    expect(await hasty.search({ ...BOTH, since: FAILED_AT + 2000 }, { limit: PAGE })).toMatchObject({ total: 360 });
    expect(await hasty.search({ roomHash: 'room-1' }, { limit: PAGE })).toMatchObject({ total: 2160 });
  });
});

it('names an app whose pushes cannot be read after they were found, and shows the others', async () => {
  const one = push();
  for (const appKey of ['a', 'b']) await putFailed({ redis: redis(), prefix: prefix(), appKey }, [appKey === 'a' ? one : push()]);
  // As a slot that goes away between two scripts: of b there is the index only.
  await redis().call('ACL', 'SETUSER', 'half-b', 'on', '>pw', `~${prefix()}:{a}:*`, `~${prefix()}:{b}:`, `~${prefix()}:{b}:failed:*`, `~${prefix()}:{b}:partitions`, '+@all');
  const limited = connectWorker({ url: url(), username: 'half-b', password: 'pw' });
  try {
    const failed = failedPushes({ redis: limited, apps: () => Promise.resolve(['a', 'b']) });
    expect(await failed.causes({})).toMatchObject({ causes: [{ count: 1 }, { count: 1 }], unreachable: [] });
    expect(await failed.search({}, { limit: 5 })).toMatchObject({ total: 1, items: [{ id: one.dispatch.id }], next: null, unreachable: ['b'] });
    await expect(failed.search({ app: 'b' }, { limit: 5 })).rejects.toThrow('Redis does not answer for any app');
  } finally {
    await limited.quit();
  }
});
