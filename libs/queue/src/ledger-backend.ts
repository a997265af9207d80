import { createRedisBackend, type BackendFactory, type RedisQueueBackend } from 'bullmq';
import { moveToFinished } from 'bullmq/dist/cjs/scripts/moveToFinished-14';
import type { RedisClient } from './connect-redis';
import { parseDeadLetter } from './dead-letter';
import { ENDS, ledgerLua, type End } from './ledger-lua';
import { createScript } from './script';

const KEYS = moveToFinished.keys;
/** Where BullMQ's arguments, which follow its keys, hold the job's id, the value, the new state and the key base. */
const ID = KEYS;
const VALUE = KEYS + 3;
const STATE = KEYS + 4;
const BASE = KEYS + 6;

/**
 * The end of a job and its entry in the ledger as one atomic step: BullMQ's own script, run as a function (see
 * admission-script.ts), which refuses a job that somebody else has ended or taken over; then nothing is counted either.
 *
 * KEYS[1] the app's key base. ARGV: the end, then BullMQ's keys and arguments.
 */
const FINISH = createScript(`
local base = KEYS[1]
${ledgerLua}
local function bullmqFinish(KEYS, ARGV)
${moveToFinished.content}
end
local keys, args = {}, {}
for i = 2, #ARGV do
  if i <= ${KEYS} + 1 then keys[i - 1] = ARGV[i] else args[i - ${KEYS} - 1] = ARGV[i] end
end
-- Before: a finished job leaves nothing behind.
local acceptedAt = redis.call('HGET', keys[12], 'timestamp')
local result = bullmqFinish(keys, args)
if type(result) == 'number' and result < 0 then return result end
ledgerClose(args[1], acceptedAt, ARGV[1])
return result
`);

/** BullMQ's Redis backend for a worker on `redis`, whose jobs end in the ledger as well. */
export function ledgerBackend(redis: RedisClient): BackendFactory<RedisQueueBackend> {
  return (name, options, connections) => {
    const backend = createRedisBackend(name, options, connections);
    const execute = backend.execCommand.bind(backend);
    backend.execCommand = (client, command, args: FinishArguments): unknown => {
      if (command !== 'moveToFinished') return execute(client, command, [...args]);
      return FINISH.run(redis, String(args[BASE]), [endOf(args), ...args.map(toArgument)]);
    };
    return backend;
  };
}

/** As BullMQ's `moveToFinishedArgs` makes them: packed options are buffers, a field that is not given is undefined. */
type FinishArguments = readonly (string | number | boolean | Buffer | undefined)[];

/** As ioredis itself writes them. */
function toArgument(arg: FinishArguments[number]): string | number | Buffer {
  return typeof arg === 'boolean' ? String(arg) : (arg ?? '');
}

/** A worker returns the end as its job's value; a job that fails says it in its dead letter. */
function endOf(args: FinishArguments): End {
  const value = String(args[VALUE]);
  if (args[STATE] === 'failed') return parseDeadLetter(value).outcome;
  const end = ENDS.find((one) => value === JSON.stringify(one));
  // A worker that returns something else would be ours, and wrong: the ledger would not close, which is seen.
  if (end === undefined) throw new Error(`job ${String(args[ID])} ended as ${value}, which is no end of a dispatch`);
  return end;
}
