import { createRedisBackend, type BackendFactory, type RedisQueueBackend } from 'bullmq';
import type { RedisClient } from './connect-redis';
import { createFinishBatches, type Arguments, type Ending } from './finish-batches';
import { FINISH_ID, FINISH_KEYS } from './finish-script';
import { withReadableJob } from './readable-job';
import { REPLAY_FIELD } from './replay/replay-lua';
import type { SharedClock } from './shared-clock';

/**
 * Commands of a worker that carry its time, with the number of their keys. The time is the second argument after them, and where
 * they hand over the next job, the fourth value of the reply is the time at which the next delayed one is due.
 */
const TIMED: Readonly<Record<string, number>> = { moveToActive: 11, moveToDelayed: 11, retryJob: 11, moveToFinished: FINISH_KEYS };
const DUE_AT = 3;
/** What Redis replies when none waits: no job, no id, no limit, none due. */
const NO_JOB = [0, 0, 0, 0];

export interface WorkerBackendOptions {
  readonly redis: RedisClient;
  readonly clock: SharedClock;
  readonly deadLetters: { readonly maxAgeMs: number; readonly maxCount: number };
  /** Of jobs that are about to end, by their ids; those that have ended are taken out. */
  readonly endings: Map<string, Ending>;
  /** Of jobs that are handed over: those that a replay put back into the queue. Whoever takes one up takes it out. */
  readonly replayed: Set<string>;
  /** Whether the worker takes no more jobs. */
  readonly isClosing: () => boolean;
}

/**
 * BullMQ's Redis backend for a worker on `redis`, with these differences:
 * - jobs end in the ledger as well, those of one turn of the event loop together (see finish-batches.ts);
 * - the time that goes to Redis is the shared one. BullMQ takes it from the host; a host ten minutes ahead would repeat everything at
 *   once that waits for another attempt, and one behind would let it wait;
 * - a damaged job can be read (see readable-job.ts);
 * - a worker that closes takes no job. BullMQ's asks once more when it waits for one and a job is put back: its own.
 */
export function workerBackend(workerOptions: WorkerBackendOptions): BackendFactory<RedisQueueBackend> {
  const { redis, clock, deadLetters, endings, replayed, isClosing } = workerOptions;
  const finish = createFinishBatches({ redis, deadLetters });
  return (name, options, connections) => {
    const backend = createRedisBackend(name, options, connections);
    const execute = backend.execCommand.bind(backend);
    const run = async (client: Client, command: string, args: Arguments): Promise<unknown> => {
      if (command !== 'moveToFinished') return (await execute(client, command, [...args])) as unknown;
      const id = String(args[FINISH_ID]);
      const ending = endings.get(id);
      const reply = await untilTaken(() => finish(args, ending));
      // Not before: after a lost connection BullMQ comes again.
      endings.delete(id);
      return reply;
    };
    backend.execCommand = async (client, command, args: Arguments): Promise<unknown> => {
      const keys = TIMED[command];
      if (keys === undefined) return (await execute(client, command, [...args])) as unknown;
      if (command === 'moveToActive' && isClosing()) return NO_JOB;
      // Redis is there, or this would wait for it too.
      await clock.synchronised;
      const ahead = clock.ahead();
      const time = keys + 1;
      const reply = await run(client, command, args.with(time, Number(args[time]) + ahead));
      noteReplayed(reply, replayed);
      return withReadableJob(toLocalTime(reply, ahead));
    };
    const waitForJob = backend.waitForJob.bind(backend);
    // The worker compares what it is told here with its host's time.
    backend.waitForJob = async (timeout) => {
      const marker = await waitForJob(timeout);
      return marker && { ...marker, score: marker.score > 0 ? marker.score - clock.ahead() : marker.score };
    };
    return backend;
  };
}

/** Redis is there and takes no writes: it loads, was replaced, is full, has no replica. It gets better by itself. */
const REFUSAL = /^-?(?:LOADING|READONLY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS|OOM|MISCONF|BUSY)\b/;
/** Milliseconds. Less than what is left of the lock (30 s, renewed every 8 s): then the push is another worker's. */
const PATIENCE_MS = 15_000;
const PAUSE_MS = 200;

/**
 * The push was sent. BullMQ would take a refusal for a failure of the job and send it again; it repeats only after lost connections.
 * A repeat is safe: a job that has ended is refused by the script.
 */
async function untilTaken(finish: () => Promise<unknown>): Promise<unknown> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await finish();
    } catch (error) {
      const isRefusal = error instanceof Error && REFUSAL.test(error.message);
      if (!isRefusal || performance.now() >= giveUpAt) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

type Client = Parameters<RedisQueueBackend['execCommand']>[0];
/** BullMQ's job does not show fields that are not its own; the reply with which Redis hands one over has them. */
function noteReplayed(reply: unknown, replayed: Set<string>): void {
  if (!Array.isArray(reply)) return;
  const [hash, id] = reply as readonly unknown[];
  if (!Array.isArray(hash)) return;
  if (hash.some((field, index) => index % 2 === 0 && field === REPLAY_FIELD)) replayed.add(String(id));
  else replayed.delete(String(id));
}

function toLocalTime(reply: unknown, ahead: number): unknown {
  if (!Array.isArray(reply)) return reply;
  const dueAt = Number(reply[DUE_AT] ?? 0);
  return dueAt > 0 ? reply.with(DUE_AT, dueAt - ahead) : reply;
}
