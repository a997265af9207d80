import type { RedisAddress } from '@reveille/config';
import type { Dispatch } from '@reveille/provider';
import { eventually } from '@reveille/testing';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connectProducer, connectWorker, type RedisClient } from './connect-redis';
import { HOST_CLOCK } from './test-queue';
import { createDispatchWorker, type DispatchWorker } from './dispatch-worker';
import { createEnqueueDispatches, type EnqueueResult } from './enqueue-dispatches';

export interface TestRelayOptions {
  readonly address: RedisAddress;
  readonly apps: readonly string[];
  readonly waitForReplicas?: number;
  /** Default: one of its own. */
  readonly prefix?: string;
}

/** Both ends of the queues as the roles compose them, on any kind of Redis, without HTTP and provider. */
export interface TestRelay {
  readonly producer: RedisClient;
  readonly worker: RedisClient;
  readonly prefix: string;
  /** Asks once; the same `id` is the same push. */
  enqueue(appKey: string, id?: string): Promise<EnqueueResult>;
  /** Asks until it is accepted, as a homeserver does; resolves with the id. */
  enqueueUntilAccepted(appKey: string): Promise<string>;
  /** How often each push came out at the other end. */
  readonly arrived: ReadonlyMap<string, number>;
  /** Resolves when the push has come out. */
  arrival(id: string, timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** As ingress has it. Milliseconds. */
const ENQUEUE_TIMEOUT_MS = 1500;
/** A failover, and a lock that must end (35 s). Milliseconds. */
const PATIENCE_MS = 60_000;

export function startTestRelay({ address, apps, waitForReplicas = 0, prefix = `test-${randomUUID()}` }: TestRelayOptions): TestRelay {
  const [producer, worker] = [connectProducer(address), connectWorker(address)];
  const arrived = new Map<string, number>();
  const workers: DispatchWorker[] = apps.map((appKey) =>
    createDispatchWorker({
      appKey,
      prefix,
      redis: worker,
      clock: HOST_CLOCK,
      concurrency: 10,
      deadLetters: { maxAgeMs: 60_000, maxCount: 100 },
      process: ({ dispatch }) => {
        if (dispatch) arrived.set(dispatch.id, (arrived.get(dispatch.id) ?? 0) + 1);
        return Promise.resolve({ kind: 'done', end: 'delivered' });
      },
      onPoison: () => undefined,
      onError: () => undefined,
    }),
  );
  const enqueueDispatches = createEnqueueDispatches({
    redis: producer,
    prefix,
    guard: { lua: 'return false' },
    duplicateWindowMs: 60_000,
    queueLimit: () => ({ count: 1e6, ageMs: 0 }),
    countsMaxAgeMs: () => 60_000,
    waitForReplicas,
    timeoutMs: ENQUEUE_TIMEOUT_MS,
    now: Date.now,
  });
  const enqueue = (appKey: string, id: string = randomUUID()): Promise<EnqueueResult> =>
    enqueueDispatches([{ dispatch: testDispatch(appKey, id), appKey, duplicateKey: id }]);
  return {
    producer,
    worker,
    prefix,
    enqueue,
    async enqueueUntilAccepted(appKey) {
      const id = randomUUID();
      await eventually(async () => (await enqueue(appKey, id)).ok, { timeoutMs: PATIENCE_MS, what: 'an acknowledgement' });
      return id;
    },
    arrived,
    arrival: async (id, timeoutMs = PATIENCE_MS) => {
      await eventually(() => arrived.has(id), { timeoutMs, what: 'the push at the other end' });
    },
    async close() {
      await Promise.all(workers.map((each) => each.close(1000)));
      await Promise.all([producer, worker].map(endOf));
    },
  };
}

/** Resolves when the connection has really gone: what still closes when a test file is over keeps its process alive. */
async function endOf(redis: RedisClient): Promise<void> {
  if (redis.status === 'end') return;
  const ended = once(redis, 'end');
  redis.disconnect();
  await ended;
}

function testDispatch(appId: string, id: string): Dispatch {
  return {
    id,
    kind: 'event',
    acceptedAt: Date.now(),
    deadline: Date.now() + 600_000,
    deviceHash: id,
    device: { appId, pushkey: 'p', defaultPayload: { kind: 'absent' } },
    notification: { userIsTarget: false, priority: 'high', counts: {} },
  };
}
