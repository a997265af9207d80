import { z } from 'zod';
import type { RedisClient } from './connect-redis';
import { parseDeadLetter } from './dead-letter';
import { FINISH, FINISH_BASE, FINISH_KEYS, FINISH_VALUE } from './finish-script';
import { createTurnBatches } from './turn-batches';

/** What of an end is remembered for whoever asks why a push did not arrive (see explain/). */
export interface Ending {
  readonly eventHash: string;
  readonly deviceHash: string;
  readonly remembered: string;
}

/** As BullMQ makes them: packed options are buffers, a field that is not given is undefined. */
export type Arguments = readonly (string | number | boolean | Buffer | undefined)[];

/** Ends one job, as BullMQ's `moveToFinished` with its keys and arguments does, and returns what that returns. */
export type Finish = (args: Arguments, ending: Ending | undefined) => Promise<unknown>;

export interface FinishBatchOptions {
  readonly redis: RedisClient;
  readonly deadLetters: { readonly maxAgeMs: number; readonly maxCount: number };
}

/** Jobs that end in one run of the script: Redis serves nobody else meanwhile, and 50 take it about 3 ms. */
const MOST = 50;

const repliesSchema = z.array(z.tuple([z.literal([0, 1])], z.unknown()));

interface Waiting {
  readonly args: Arguments;
  readonly own: readonly string[];
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The answers of a provider arrive many at a time, and so do the ends: those of one turn of the event loop share a run of the script. */
export function createFinishBatches({ redis, deadLetters }: FinishBatchOptions): Finish {
  const head = [deadLetters.maxAgeMs, deadLetters.maxCount];

  const run = async (base: string, batch: readonly Waiting[]): Promise<void> => {
    try {
      const [first] = batch;
      const replies = repliesSchema.parse(await FINISH.run(redis, base, [...head, ...batch.flatMap((one) => toArguments(one, first))]));
      for (const [index, { resolve, reject }] of batch.entries()) {
        const [ok, reply] = replies[index] ?? [0, 'no reply'];
        if (ok === 1) resolve(reply);
        else reject(new Error(String(reply)));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  };

  const gather = createTurnBatches<Waiting>({ most: MOST, sizeOf: () => 1, run: (base, batch) => void run(base, batch) });
  return (args, ending) => {
    const { eventHash = '', deviceHash = '', remembered = '' } = ending ?? {};
    // Only what fails comes here: what was done is ended in a worker's step (work-script.ts).
    const own = [parseDeadLetter(String(args[FINISH_VALUE])).outcome, eventHash, deviceHash, remembered];
    return new Promise((resolve, reject) => gather(String(args[FINISH_BASE]), { args, own, resolve, reject }));
  };
}

/** Most keys are the same for all jobs of a queue: only the first job's go over the wire. */
function toArguments(one: Waiting, first: Waiting | undefined): (string | number | Buffer)[] {
  const keys = one.args.slice(0, FINISH_KEYS).map((key, index) => (one !== first && key === first?.args[index] ? '' : key));
  const args = one.args.slice(FINISH_KEYS);
  return [args.length, ...one.own, ...keys.map(toArgument), ...args.map(toArgument)];
}

/** As ioredis itself writes them. */
function toArgument(arg: Arguments[number]): string | number | Buffer {
  return typeof arg === 'boolean' ? String(arg) : (arg ?? '');
}
