import { appKeyBase } from '@reveille/queue';
import type { BenchRedis } from '../bench-redis';
import { REDIS_PREFIX } from '../bench-redis';
import { onStage, type BenchStage } from '../bench-stage';
import { generateLoad } from '../generate-load';
import { APNS_APP, APNS_BODY } from '../notify-bodies';
import { toRow, type Row } from '../row';
import type { Benchmark } from './benchmark';

/** Waiting pushes, or fewer in a run of less than a second. */
const PUSHES = 20_000;
const CONNECTIONS = 16;
/** Before the first look, so that what is there once (scripts, the queue's own keys, buffers) does not count. */
const PUSHES_BEFORE = 200;
/** What a push may take: so many times its JSON, and so many bytes. */
const JSON_SHARE = 1.6;
const BYTES_BESIDE = 500;
const SCAN_COUNT = 1000;

/** What one waiting push costs Redis: everything it adds to the memory in use. */
export const queueMemoryBenchmark: Benchmark = {
  name: 'memory',
  summary: `Redis memory of ${PUSHES} waiting pushes, event-id-only`,
  run: (context) =>
    onStage({ ...context, push: { latencyMs: 0, concurrency: 1 } }, async (stage) => {
      const { redis } = stage;
      const pushes = Math.ceil(PUSHES * Math.min(1, context.seconds));
      const fill = await startFilling(stage);
      await fill(PUSHES_BEFORE);
      const before = await redis.usedMemory();
      await fill(pushes);
      const whole = ((await redis.usedMemory()) - before) / pushes;
      const json = await meanJsonBytes(redis);
      const beforeMarks = await redis.usedMemory();
      const marks = await deleteMarks(redis);
      const mark = (beforeMarks - (await redis.usedMemory())) / marks;
      return toRows({ whole, mark, json });
    }),
};

async function startFilling(stage: BenchStage): Promise<(count: number) => Promise<void>> {
  const ingress = await stage.startRole('ingress');
  const generator = await stage.generator();
  return async (count) => {
    await generateLoad(generator, { url: ingress.notifyUrl, body: APNS_BODY, connections: CONNECTIONS, count });
  };
}

/** The size of what is to be kept, before Redis and BullMQ add anything. */
async function meanJsonBytes({ client }: BenchRedis): Promise<number> {
  const base = appKeyBase(REDIS_PREFIX, APNS_APP);
  const ids = await client.lrange(`${base}wait`, 0, SCAN_COUNT);
  const lengths = await Promise.all(ids.map((id) => client.hstrlen(`${base}${id}`, 'data')));
  return lengths.reduce((sum, length) => sum + length, 0) / lengths.length;
}

/** Deletes the marks against duplicates; returns how many there were. Only keys with an end are marks here. */
async function deleteMarks({ client }: BenchRedis): Promise<number> {
  const pattern = `${appKeyBase(REDIS_PREFIX, APNS_APP)}seen:*`;
  let cursor = '0';
  let deleted = 0;
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT);
    if (keys.length > 0) deleted += await client.del(...keys);
    cursor = next;
  } while (cursor !== '0');
  if (deleted === 0) throw new Error('no marks against duplicates were found');
  return deleted;
}

function toRows({ whole, mark, json }: Record<'whole' | 'mark' | 'json', number>): Row[] {
  const one = (value: number) => [{ value }];
  return [
    toRow({
      name: 'memory/waiting-push',
      unit: 'B',
      samples: [{ value: whole, limit: json * JSON_SHARE + BYTES_BESIDE }],
      target: { figure: 'ratio', direction: 'at-most', than: 1 },
    }),
    toRow({ name: 'memory/duplicate-mark', unit: 'B', samples: one(mark) }),
    toRow({ name: 'memory/job', unit: 'B', samples: one(whole - mark) }),
    toRow({ name: 'memory/job-json', unit: 'B', samples: one(json) }),
  ];
}
