import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appKeyBase, createDispatchCodec, createFailedPushes, createReplays, type FailedFilter, type FailedPushes, type Replays } from '@reveille/queue';
import { rejectionLook } from '@reveille/rejections';
import { findBenchRedis, REDIS_PREFIX, startBenchRedis, type BenchRedis } from '../bench-redis';
import { toRow, type Row } from '../row';
import type { Benchmark } from './benchmark';
import { BIG_ROOM, FIRST_FAILED_AT, LAST_FAILED_AT, nameOfDevice, nameOfEvent, nameOfRoom, seedFailed } from './seed-failed';

/** Failed pushes, or fewer in a run of less than a second. */
const PUSHES = 1_000_000;
/** Times that each question is asked, each time about something else; fewer in a run of less than a second. */
const QUESTIONS = 200;
/** The same for previews of a replay, each of which looks at thousands of jobs. */
const PREVIEWS = 20;
const PAGE = 50;
const LARGEST_PAGE = 200;
const MS_TO_REACH = 1000;
const HOUR_MS = 3_600_000;
const MAX_AGES = { event: HOUR_MS, call: HOUR_MS, counts: HOUR_MS };
/** Most of them belong to one app, so that its part of the index is as large as any. */
const APPS = ['com.example.ios', 'com.example.android'] as const;

/** How long the admin's questions about a million failed pushes take, and what their index costs. */
export const failedSearchBenchmark: Benchmark = {
  name: 'failed',
  summary: `questions about ${PUSHES} failed pushes, and the memory of their index`,
  async run({ seconds, progress }) {
    const pushes = Math.ceil(PUSHES * Math.min(1, seconds));
    const directory = mkdtempSync(join(tmpdir(), 'reveille-bench-'));
    const redis = await startBenchRedis(await findBenchRedis(), directory);
    try {
      const before = await redis.usedMemory();
      progress(`puts ${pushes} pushes into the failed set`);
      await seedFailed(redis.client, pushes, APPS);
      const whole = ((await redis.usedMemory()) - before) / pushes;
      const common = { redis: redis.client, prefix: REDIS_PREFIX, apps: () => Promise.resolve(APPS), codec: createDispatchCodec() };
      const failed = createFailedPushes(common);
      const replays = createReplays({ ...common, failed, limits: () => ({ maxAgeMs: MAX_AGES, queueLimit: { count: pushes } }), look: rejectionLook, duplicateWindowMs: HOUR_MS });
      const rows: Row[] = [];
      const measure = async (questions: Record<string, Question>, times: number): Promise<void> => {
        for (const [name, ask] of Object.entries(questions)) {
          const measured = await timesOf(ask, Math.ceil(times * Math.min(1, seconds)));
          rows.push(...timeRows(name, measured));
          progress(`${name}: p99 ${atShare(measured, 0.99).toFixed(1)} ms`);
        }
      };
      await measure(questionsOf(failed, pushes), QUESTIONS);
      await measure(previewsOf(replays), PREVIEWS);
      return [...rows, ...(await memoryRows(redis, { whole, pushes }))];
    } finally {
      await redis.stop();
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

type Question = (number: number) => Promise<unknown>;

function questionsOf(failed: FailedPushes, pushes: number): Record<string, Question> {
  const search = (filter: FailedFilter, limit = PAGE, cursor?: string) => failed.search(filter, { limit, cursor });
  const span = LAST_FAILED_AT - FIRST_FAILED_AT;
  const moment = (number: number) => FIRST_FAILED_AT + Math.floor((span * number) / QUESTIONS);
  const device = (number: number) => ({ deviceHash: nameOfDevice(number * 211) });
  const room = (number: number) => ({ roomHash: nameOfRoom(1 + number) });
  return {
    'first-page': () => search({}),
    'largest-page': () => search({}, LARGEST_PAGE),
    'any-page': (number) => search({}, PAGE, `${moment(number)}:0`),
    'cause': (number) => search({ outcome: 'expired', providerStatus: number % 2 === 0 ? 503 : 429 }),
    'time': (number) => search({ since: moment(number), until: moment(number) + HOUR_MS }),
    'cause-and-time': (number) => search({ reason: 'payload-too-large', since: moment(number), until: moment(number) + HOUR_MS }),
    'attempts': (number) => search({ attemptsMin: 1 + (number % 20), attemptsMax: 10 + (number % 20) }),
    'event': (number) => search({ eventHash: nameOfEvent((number * 4999) % Math.ceil(pushes / 10)) }),
    'room': (number) => search(room(number)),
    'big-room-cause-and-time': (number) => search({ roomHash: BIG_ROOM, outcome: 'expired', since: moment(number) }),
    'device': (number) => search(device(number)),
    'device-in-big-room': (number) => search({ ...device(number), roomHash: BIG_ROOM }),
    'causes': () => failed.causes({}),
    'causes-of-room-and-time': (number) => failed.causes({ ...room(number), since: moment(number) }),
    'oldest-first': (number) => failed.oldestFirst(APPS[0], {}, { after: { failedAt: moment(number), id: '' }, until: LAST_FAILED_AT, limit: PAGE }),
    'one': async (number) => {
      const { items } = await search({ app: APPS[0] }, 1, `${moment(number + 1)}:0`);
      return failed.show(APPS[0], items[0]?.id ?? '');
    },
  };
}

/** With new deadlines: then every push that is looked at is read and written anew. */
function previewsOf(replays: Replays): Record<string, Question> {
  const preview = (filter: FailedFilter) => replays.preview({ filter, includeExpired: true });
  return {
    'preview-of-all': () => preview({}),
    'preview-of-cause': () => preview({ outcome: 'expired', providerStatus: 503 }),
    'preview-of-room': (number) => preview({ roomHash: nameOfRoom(1 + number) }),
  };
}

/** In milliseconds, ascending. */
async function timesOf(ask: Question, questions: number): Promise<number[]> {
  // What runs for the first time is compiled, here and in Redis.
  await ask(0);
  const times: number[] = [];
  for (let number = 0; number < questions; number++) {
    const begunAt = performance.now();
    await ask(number);
    times.push(performance.now() - begunAt);
  }
  return times.sort((a, b) => a - b);
}

function atShare(ascending: readonly number[], share: number): number {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? Number.NaN;
}

function timeRows(name: string, times: readonly number[]): Row[] {
  return [
    toRow({ name: `failed/${name}-p50`, unit: 'ms', samples: [{ value: atShare(times, 0.5) }] }),
    toRow({
      name: `failed/${name}-p99`,
      unit: 'ms',
      samples: [{ value: atShare(times, 0.99) }],
      target: { figure: 'value', direction: 'at-most', than: MS_TO_REACH },
    }),
  ];
}

async function memoryRows(redis: BenchRedis, { whole, pushes }: { readonly whole: number; readonly pushes: number }): Promise<Row[]> {
  const before = await redis.usedMemory();
  for (const app of APPS) await redis.client.del(...['index', 'causes'].map((part) => `${appKeyBase(REDIS_PREFIX, app)}failed:${part}`));
  const index = (before - (await redis.usedMemory())) / pushes;
  return [
    toRow({ name: 'failed/push', unit: 'B', samples: [{ value: whole }] }),
    toRow({ name: 'failed/index', unit: 'B', samples: [{ value: index }] }),
  ];
}
