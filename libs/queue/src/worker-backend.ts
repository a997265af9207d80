import { createRedisBackend, type BackendFactory, type RedisQueueBackend } from 'bullmq';
import type { RedisClient } from './connect-redis';
import { createFinishBatches, type Arguments, type Ending } from './finish-batches';
import { FINISH_ID, FINISH_KEYS } from './finish-script';
import type { SharedClock } from './shared-clock';
import { untilTaken } from './until-taken';

/** Commands of a worker that carry its time, with the number of their keys: the time is the second argument after them. */
const TIMED: Readonly<Record<string, number>> = { moveToDelayed: 11, retryJob: 11, moveToFinished: FINISH_KEYS };

export interface WorkerBackendOptions {
  readonly redis: RedisClient;
  readonly clock: SharedClock;
  readonly deadLetters: { readonly maxAgeMs: number; readonly maxCount: number };
  /** Of jobs that are about to end, by their ids. */
  readonly endings: ReadonlyMap<string, Ending>;
}

/**
 * BullMQ's Redis backend for a worker on `redis`, with these differences:
 * - jobs fail in the ledger as well, those of one turn of the event loop together (see finish-batches.ts);
 * - the time that goes to Redis is the shared one. BullMQ takes it from the host; a host ten minutes ahead would repeat everything at
 *   once that waits for another attempt, and one behind would let it wait.
 */
export function workerBackend({ redis, clock, deadLetters, endings }: WorkerBackendOptions): BackendFactory<RedisQueueBackend> {
  const finish = createFinishBatches({ redis, deadLetters });
  return (name, options, connections) => {
    const backend = createRedisBackend(name, options, connections);
    const execute = backend.execCommand.bind(backend);
    const run = async (client: Client, command: string, args: Arguments): Promise<unknown> => {
      if (command !== 'moveToFinished') return (await execute(client, command, [...args])) as unknown;
      return untilTaken(() => finish(args, endings.get(String(args[FINISH_ID]))));
    };
    backend.execCommand = async (client, command, args: Arguments): Promise<unknown> => {
      const keys = TIMED[command];
      if (keys === undefined) return (await execute(client, command, [...args])) as unknown;
      // Redis is there, or this would wait for it too.
      await clock.synchronised;
      const time = keys + 1;
      return run(client, command, args.with(time, Number(args[time]) + clock.ahead()));
    };
    return backend;
  };
}

type Client = Parameters<RedisQueueBackend['execCommand']>[0];
