import { moveToFinished } from 'bullmq/dist/cjs/scripts/moveToFinished-14';
import { traceEndLua } from './explain/trace-lua';
import { failedIndexLua } from './failed/failed-index-lua';
import { ledgerLua } from './ledger-lua';
import { REPLAY_FIELD, replayEndLua } from './replay/replay-lua';
import { createScript } from './script';

/** Keys of BullMQ's `moveToFinished`, in front of its arguments, and where after them stand the id, the value and the key base. */
export const FINISH_KEYS = moveToFinished.keys;
export const FINISH_ID = FINISH_KEYS;
export const FINISH_VALUE = FINISH_KEYS + 3;
export const FINISH_BASE = FINISH_KEYS + 6;

/** Arguments before the jobs, and our own before those of BullMQ for each job. */
export const HEAD_ARGUMENTS = 2;
export const OWN_ARGUMENTS = 5;
/** Dead letters that are removed for one that comes. */
const TRIM_AT_ONCE = 10;

/**
 * The failures of some jobs of one queue and their entries in ledger and index. Each end is atomic with its entry: BullMQ's own script, run as
 * a function (see admission-script.ts), refuses a job that somebody else has ended or taken over; then nothing is counted
 * either. What fails for one job (a damaged one) says nothing of the others.
 *
 * KEYS[1] the app's key base. ARGV: the longest age (ms) and the number of dead letters to keep; then for each job how many arguments
 * of BullMQ's it has, the end, the hashes of event ('' for none) and device, what is remembered of the end, and BullMQ's keys
 * ('': the same as of the first job) and arguments. Returns for each job {1, what BullMQ's script returned} or {0, error}.
 */
export const FINISH = createScript(`
local base = KEYS[1]
local maxAge, maxCount = tonumber(ARGV[1]), tonumber(ARGV[2])
${ledgerLua}
${failedIndexLua}
${traceEndLua}
${replayEndLua}
local function bullmqFinish(KEYS, ARGV)
${moveToFinished.content}
end
local function finish(outcome, eventHash, deviceHash, remembered, keys, args)
  -- Before: a finished job leaves nothing behind.
  local job = redis.call('HMGET', keys[12], 'timestamp', '${REPLAY_FIELD}')
  local result = bullmqFinish(keys, args)
  if type(result) == 'number' and result < 0 then return result end
  local id, now = args[1], tonumber(args[2])
  -- A damaged job has no time of its acceptance.
  ledgerClose(id, tonumber(job[1]) or now, outcome)
  replayEnded(job[2], outcome)
  traceEnded(eventHash, deviceHash, id, remembered)
  failedAdd(id, now)
  failedTrim(now, maxAge, maxCount, ${TRIM_AT_ONCE})
  return result
end

local replies = {}
local at = ${HEAD_ARGUMENTS}
while at < #ARGV do
  local count = tonumber(ARGV[at + 1])
  local from = at + ${OWN_ARGUMENTS}
  local keys, args = {}, {}
  for i = 1, ${FINISH_KEYS} do
    local key = ARGV[from + i]
    keys[i] = key ~= '' and key or ARGV[${HEAD_ARGUMENTS + OWN_ARGUMENTS} + i]
  end
  for i = 1, count do args[i] = ARGV[from + ${FINISH_KEYS} + i] end
  local ok, result = pcall(finish, ARGV[at + 2], ARGV[at + 3], ARGV[at + 4], ARGV[at + 5], keys, args)
  if not ok and type(result) == 'table' then result = result.err end
  replies[#replies + 1] = { ok and 1 or 0, result }
  at = from + ${FINISH_KEYS} + count
end
return replies
`);
