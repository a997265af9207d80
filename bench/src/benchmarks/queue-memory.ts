import { appKeyBase } from '@reveille/queue';
import { createRejectionMemory } from '@reveille/rejections';
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
/** Dead pushkeys, for every pushkey that waits: enough to see what one takes. */
const REJECTIONS = 0.1;
/** How long they are remembered, in milliseconds: longer than the benchmark takes. */
const REJECTION_TTL_MS = 86_400_000;

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
      // Before anything is deleted: Redis then makes its tables smaller, whenever it likes.
      const rejection = await rejectionBytes(redis, Math.ceil(pushes * REJECTIONS));
      const mark = await freedByDeleting(redis, 'seen:*', PUSHES_BEFORE + pushes);
      // The hashes of events and their order; pushes of one app have one key of each kind.
      const trace = await freedByDeleting(redis, 'trace*', PUSHES_BEFORE + pushes);
      return toRows({ whole, mark, trace, json, rejection });
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

/** Deletes what matches; returns the bytes of each of `count` that this gives back. */
async function freedByDeleting(redis: BenchRedis, pattern: string, count: number): Promise<number> {
  const { client } = redis;
  const match = `${appKeyBase(REDIS_PREFIX, APNS_APP)}${pattern}`;
  const before = await redis.usedMemory();
  let cursor = '0';
  let deleted = 0;
  do {
    const [next, keys] = await client.scan(cursor, 'MATCH', match, 'COUNT', SCAN_COUNT);
    if (keys.length > 0) deleted += await client.del(...keys);
    cursor = next;
  } while (cursor !== '0');
  if (deleted === 0) throw new Error(`nothing matches ${match}`);
  return (before - (await redis.usedMemory())) / count;
}

/** What a dead pushkey takes that a homeserver was told of. */
async function rejectionBytes(redis: BenchRedis, count: number): Promise<number> {
  const baseOf = (app: string): string => appKeyBase(REDIS_PREFIX, app);
  const rejections = createRejectionMemory({ redis: redis.client, baseOf, ttlMs: REJECTION_TTL_MS });
  const now = Date.now();
  const before = await redis.usedMemory();
  for (let i = 0; i < count; i += 1) {
    const device = `device-hash-${String(i).padStart(10, '0')}`;
    await rejections.remember(APNS_APP, device, { diedAt: now, reason: 'Unregistered' });
    await redis.client.hset(`${baseOf(APNS_APP)}rejected:${device}`, { firstTold: now, lastTold: now, told: 1 });
  }
  return ((await redis.usedMemory()) - before) / count;
}

function toRows({ whole, mark, trace, json, rejection }: Record<'whole' | 'mark' | 'trace' | 'json' | 'rejection', number>): Row[] {
  const one = (value: number) => [{ value }];
  return [
    toRow({
      name: 'memory/waiting-push',
      unit: 'B',
      samples: [{ value: whole, limit: json * JSON_SHARE + BYTES_BESIDE }],
      target: { figure: 'ratio', direction: 'at-most', than: 1 },
    }),
    toRow({ name: 'memory/duplicate-mark', unit: 'B', samples: one(mark) }),
    toRow({ name: 'memory/trace', unit: 'B', samples: one(trace) }),
    toRow({ name: 'memory/job', unit: 'B', samples: one(whole - mark - trace) }),
    toRow({ name: 'memory/job-json', unit: 'B', samples: one(json) }),
    toRow({ name: 'memory/rejection', unit: 'B', samples: one(rejection) }),
  ];
}
