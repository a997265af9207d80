import { createScript } from '../script';
import { recordsLua, TOLD, TRACE, TRACE_ORDER } from './trace-lua';

/** Where a job stands. `gone`: it ended well, or was removed from the failed set. */
export const JOB_STATES = ['gone', 'failed', 'delayed', 'active', 'parked', 'waiting'] as const;

/**
 * A job in few words: id, state, when it was accepted, attempts, history, letter, when it ended; '' for what there is not.
 * Nobody looks through the waiting list, which may be long: what has a job and is nowhere else, waits.
 */
const JOBS = `
local base = KEYS[1]
local isStopped = redis.call('HEXISTS', base .. 'meta', 'paused') == 1
local function stateOf(id)
  if redis.call('ZSCORE', base .. 'failed', id) then return 'failed' end
  if redis.call('ZSCORE', base .. 'delayed', id) then return 'delayed' end
  if not redis.call('ZSCORE', base .. 'prioritized', id) and redis.call('LPOS', base .. 'active', id) then return 'active' end
  return isStopped and 'parked' or 'waiting'
end
local function describe(id)
  local job = redis.call('HMGET', base .. id, 'timestamp', 'atm', 'stacktrace', 'failedReason', 'finishedOn')
  for i = 1, 5 do job[i] = job[i] or '' end
  return { id, job[1] == '' and 'gone' or stateOf(id), unpack(job) }
end
`;

/** ARGV: ids. Returns each in few words. */
export const READ_JOBS = createScript(`${JOBS}
local jobs = {}
for _, id in ipairs(ARGV) do jobs[#jobs + 1] = describe(id) end
return jobs
`);

/**
 * ARGV: hash of the event, hashes of devices. Returns for each of the devices that something is remembered of: its hash, its
 * records, and their jobs in few words; all as of one moment, so that a push is never seen between queue and end.
 */
export const READ_DEVICES = createScript(`${JOBS}
${recordsLua}
local devices = {}
for i = 2, #ARGV do
  local value, jobs = redis.call('HGET', base .. '${TRACE}' .. ARGV[1], ARGV[i]), {}
  if value then
    for _, record in ipairs(traceRead(value)) do
      if record[1] ~= '${TOLD}' then jobs[#jobs + 1] = describe(record[1]) end
    end
    devices[#devices + 1] = { ARGV[i], value, jobs }
  end
end
return devices
`);

/** Returns how many records there are, and the entry of the oldest or ''. */
export const READ_EXTENT = createScript(`
local order = KEYS[1] .. '${TRACE_ORDER}'
return { redis.call('LLEN', order), redis.call('LINDEX', order, -1) or '' }
`);
