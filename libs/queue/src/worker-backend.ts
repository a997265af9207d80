import { createRedisBackend, type BackendFactory, type RedisQueueBackend } from 'bullmq';
import { moveToFinished } from 'bullmq/dist/cjs/scripts/moveToFinished-14';
import type { RedisClient } from './connect-redis';
import { parseDeadLetter } from './dead-letter';
import { traceEndLua } from './explain/trace-lua';
import { failedIndexLua } from './failed/failed-index-lua';
import { ENDS, ledgerLua, type End } from './ledger-lua';
import { withReadableJob } from './readable-job';
import { REPLAY_FIELD, replayEndLua } from './replay/replay-lua';
import { createScript } from './script';
import type { SharedClock } from './shared-clock';

/**
 * Commands of a worker that carry its time, with the number of their keys. The time is the second argument after them, and where
 * they hand over the next job, the fourth value of the reply is the time at which the next delayed one is due.
 */
const TIMED: Readonly<Record<string, number>> = { moveToActive: 11, moveToDelayed: 11, retryJob: 11, moveToFinished: moveToFinished.keys };
const DUE_AT = 3;

/** Where the arguments of `moveToFinished`, which follow its keys, hold the job's id, the value, the new state and the key base. */
const KEYS = moveToFinished.keys;
const ID = KEYS;
const VALUE = KEYS + 3;
const STATE = KEYS + 4;
const BASE = KEYS + 6;
/** Our own arguments before BullMQ's. */
const OWN = 6;
/** Dead letters that are removed for one that comes. */
const TRIM_AT_ONCE = 10;

/**
 * The end of a job and its entry in the ledger as one atomic step: BullMQ's own script, run as a function (see
 * admission-script.ts), which refuses a job that somebody else has ended or taken over; then nothing is counted either.
 *
 * KEYS[1] the app's key base. ARGV: the end, the hashes of event ('' for none) and device, what is remembered of the end, the
 * longest age (ms) and the number of dead letters to keep, then BullMQ's keys and arguments.
 */
const FINISH = createScript(`
local base = KEYS[1]
${ledgerLua}
${failedIndexLua}
${traceEndLua}
${replayEndLua}
local function bullmqFinish(KEYS, ARGV)
${moveToFinished.content}
end
local keys, args = {}, {}
for i = ${OWN} + 1, #ARGV do
  local position = i - ${OWN}
  if position <= ${KEYS} then keys[position] = ARGV[i] else args[position - ${KEYS}] = ARGV[i] end
end
-- Before: a finished job leaves nothing behind.
local job = redis.call('HMGET', keys[12], 'timestamp', '${REPLAY_FIELD}')
local result = bullmqFinish(keys, args)
if type(result) == 'number' and result < 0 then return result end
local id, now = args[1], tonumber(args[2])
-- A damaged job has no time of its acceptance.
ledgerClose(id, tonumber(job[1]) or now, ARGV[1])
replayEnded(job[2], ARGV[1])
traceEnded(ARGV[2], ARGV[3], id, ARGV[4])
if args[5] == 'failed' then
  failedAdd(id, now)
  failedTrim(now, tonumber(ARGV[5]), tonumber(ARGV[6]), ${TRIM_AT_ONCE})
end
return result
`);

export interface WorkerBackendOptions {
  readonly redis: RedisClient;
  readonly clock: SharedClock;
  readonly deadLetters: { readonly maxAgeMs: number; readonly maxCount: number };
  /** Of jobs that are about to end, by their ids; those that have ended are taken out. */
  readonly endings: Map<string, Ending>;
  /** Of jobs that are handed over: those that a replay put back into the queue. Whoever takes one up takes it out. */
  readonly replayed: Set<string>;
}

/** What of an end is remembered for whoever asks why a push did not arrive (see explain/). */
export interface Ending {
  readonly eventHash: string;
  readonly deviceHash: string;
  readonly remembered: string;
}

/**
 * BullMQ's Redis backend for a worker on `redis`, with three differences: jobs end in the ledger as well, the time that goes to
 * Redis is the shared one, and a damaged job can be read (see readable-job.ts). BullMQ takes its times from the host; a host ten minutes ahead would repeat everything at once that
 * waits for another attempt, and one behind would let it wait.
 */
export function workerBackend({ redis, clock, deadLetters, endings, replayed }: WorkerBackendOptions): BackendFactory<RedisQueueBackend> {
  return (name, options, connections) => {
    const backend = createRedisBackend(name, options, connections);
    const execute = backend.execCommand.bind(backend);
    const run = async (client: Client, command: string, args: Arguments): Promise<unknown> => {
      if (command !== 'moveToFinished') return (await execute(client, command, [...args])) as unknown;
      const id = String(args[ID]);
      const { eventHash = '', deviceHash = '', remembered = '' } = endings.get(id) ?? {};
      const own = [endOf(args), eventHash, deviceHash, remembered, deadLetters.maxAgeMs, deadLetters.maxCount];
      const reply = await untilTaken(() => FINISH.run(redis, String(args[BASE]), [...own, ...args.map(toArgument)]));
      // Not before: after a lost connection BullMQ comes again.
      endings.delete(id);
      return reply;
    };
    backend.execCommand = async (client, command, args: Arguments): Promise<unknown> => {
      const keys = TIMED[command];
      if (keys === undefined) return (await execute(client, command, [...args])) as unknown;
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
/** As BullMQ makes them: packed options are buffers, a field that is not given is undefined. */
type Arguments = readonly (string | number | boolean | Buffer | undefined)[];

/** As ioredis itself writes them. */
function toArgument(arg: Arguments[number]): string | number | Buffer {
  return typeof arg === 'boolean' ? String(arg) : (arg ?? '');
}

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

/** A worker returns the end as its job's value; a job that fails says it in its dead letter. */
function endOf(args: Arguments): End {
  const value = String(args[VALUE]);
  if (args[STATE] === 'failed') return parseDeadLetter(value).outcome;
  const end = ENDS.find((one) => value === JSON.stringify(one));
  // A worker that returns something else would be ours, and wrong: the ledger would not close, which is seen.
  if (end === undefined) throw new Error(`job ${String(args[ID])} ended as ${value}, which is no end of a dispatch`);
  return end;
}
