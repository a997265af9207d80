import { traceEndLua } from './explain/trace-lua';
import { OPEN } from './keyspace';
import { HOUR_MS, ledgerLua } from './ledger-lua';
import { REPLAY_FIELD, replayEndLua } from './replay/replay-lua';
import { createScript } from './script';

/** Arguments before the ends, and of each end. */
export const HEAD_ARGUMENTS = 5;
export const END_ARGUMENTS = 8;

/** Fields of a job's hash that a worker is handed, in this order, after the job's id. */
export const HANDED_FIELDS = ['data', 'timestamp', 'priority', 'atm', 'stc', 'stacktrace', REPLAY_FIELD] as const;

/** Why a push could not be ended: in the numbers of BullMQ's scripts. */
export const END_FAILURES = { '-1': 'the job is gone', '-2': 'its lock has ended', '-3': 'it is not active', '-6': 'another worker has it' } as const;

/** Delayed jobs that are put into their lane in one run, as BullMQ does. */
const PROMOTED_AT_ONCE = 1000;

/**
 * One step of a worker, atomic and in one round trip: ends what was done, with its entries in ledger, trace and replay, and takes what
 * waits. What is then on Redis is what BullMQ's `moveToFinished` (of a completed job that is not kept) and `moveToActive` leave, without
 * what no job of ours has: parents, deduplication, metrics, events, a global rate limit. Those two scripts run for one job at a time, and were
 * most of what Redis did for a push. Everything else that can become of a job (another attempt, a dead letter, its lock) is BullMQ's own.
 *
 * KEYS[1] the app's key base. ARGV: now (ms), how many jobs are wanted, how many of the low lane at most, their lock's token, how long it holds (ms); then for each end:
 * job id, its lock's token, acceptance (ms), replay or '', the end, the hashes of event ('' for none) and device, what is remembered of the end.
 *
 * Returns four values: for each end 0 or a number of END_FAILURES or an error's text; the jobs that were taken, as their id and HANDED_FIELDS; when
 * fewer than wanted were there, the time at which the next delayed one is due (0: there is none);
 * 1 when low ones wait that this worker has no place for.
 */
export const WORK = createScript(`
local base, nowText, wanted, wantedLow, token, lockMs = KEYS[1], ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4], ARGV[5]
local now = tonumber(nowText)
${ledgerLua}
${traceEndLua}
${replayEndLua}
local wait, prioritized, active, delayed = base .. 'wait', base .. 'prioritized', base .. 'active', base .. 'delayed'

-- The counts of a run go to the ledger together.
local counted = {}
local function count(timestamp, outcome)
  local key = math.floor(timestamp / ${HOUR_MS}) .. outcome
  local entry = counted[key] or { timestamp, outcome, 0 }
  entry[3] = entry[3] + 1
  counted[key] = entry
end
local function finish(id, lock, acceptedAt, replay, outcome, eventHash, deviceHash, remembered)
  local job = base .. id
  local held = redis.call('GET', job .. ':lock')
  if held ~= lock then
    if held then return -6 end
    return redis.call('EXISTS', job) == 1 and -2 or -1
  end
  if redis.call('LREM', active, -1, id) == 0 then return -3 end
  redis.call('DEL', job, job .. ':lock')
  -- Counted once: whoever comes second finds it closed.
  if redis.call('ZREM', base .. '${OPEN}', id) == 1 then count(tonumber(acceptedAt) or now, outcome) end
  if replay ~= '' then replayEnded(replay, outcome) end
  traceEnded(eventHash, deviceHash, id, remembered)
  return 0
end

local ends, stalled = {}, redis.call('EXISTS', base .. 'stalled') == 1
for i = ${HEAD_ARGUMENTS + 1}, #ARGV, ${END_ARGUMENTS} do
  -- What fails for one (a damaged one) says nothing of the others.
  local ok, result = pcall(finish, ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6], ARGV[i + 7])
  if not ok and type(result) == 'table' then result = result.err end
  ends[#ends + 1] = result
  if stalled and result == 0 then redis.call('SREM', base .. 'stalled', ARGV[i]) end
end
for _, entry in pairs(counted) do ledgerCount(entry[1], entry[2], entry[3]) end

local queue = redis.call('HMGET', base .. 'meta', 'paused', 'concurrency')
local function room()
  if queue[1] then return 0 end
  return queue[2] and math.max(0, tonumber(queue[2]) - redis.call('LLEN', active)) or math.huge
end
local function promote()
  local due = redis.call('ZRANGEBYSCORE', delayed, 0, (now + 1) * 0x1000 - 1, 'LIMIT', 0, ${PROMOTED_AT_ONCE})
  if #due == 0 then return end
  redis.call('ZREM', delayed, unpack(due))
  for _, id in ipairs(due) do
    local ok, priority = pcall(redis.call, 'HGET', base .. id, 'priority')
    priority = ok and tonumber(priority) or 0
    if priority == 0 then
      redis.call('LPUSH', wait, id)
    else
      redis.call('ZADD', prioritized, priority * 0x100000000 + redis.call('INCR', base .. 'pc') % 0x100000000, id)
    end
    pcall(redis.call, 'HSET', base .. id, 'delay', '0')
  end
  if room() > 0 then redis.call('ZADD', base .. 'marker', '0', '0') end
end
-- Those without a priority first. With the second value low ones were left for lack of places.
local function next(most)
  local ids = redis.call('RPOP', wait, most) or {}
  local missing = most - #ids
  local mostLow = math.min(missing, wantedLow)
  if mostLow == 0 then return ids, missing > 0 end
  local low = redis.call('ZPOPMIN', prioritized, mostLow)
  for i = 1, #low, 2 do ids[#ids + 1] = low[i] end
  if #low < mostLow * 2 then redis.call('DEL', base .. 'pc') end
  return ids, #low == mostLow * 2 and mostLow < missing
end
local function handOver(id)
  local job = base .. id
  redis.call('SET', job .. ':lock', token, 'PX', lockMs)
  local ok, fields = pcall(redis.call, 'HMGET', job, '${HANDED_FIELDS.join("', '")}', 'ats')
  -- No hash: nothing can be read of it, and nothing written.
  if not ok then return { id } end
  redis.call('HSET', job, 'processedOn', nowText, 'ats', string.format('%.0f', (tonumber(fields[${HANDED_FIELDS.length + 1}]) or 0) + 1))
  fields[${HANDED_FIELDS.length + 1}] = nil
  table.insert(fields, 1, id)
  return fields
end

local taken, isLowFull = {}, false
if wanted > 0 then
  promote()
  local most = math.min(wanted, room())
  if most > 0 then
    local ids
    ids, isLowFull = next(most)
    isLowFull = isLowFull and redis.call('ZCARD', prioritized) > 0
    if #ids > 0 then redis.call('LPUSH', active, unpack(ids)) end
    for i = 1, #ids do taken[i] = handOver(ids[i]) end
  end
end
-- What this worker has no place for wakes another.
if (wanted == 0 or #taken == wanted or isLowFull) and room() > 0 and (redis.call('LLEN', wait) > 0 or redis.call('ZCARD', prioritized) > 0) then
  redis.call('ZADD', base .. 'marker', '0', '0')
end
local due = 0
if wanted > 0 and #taken < wanted then
  due = math.floor((tonumber(redis.call('ZRANGE', delayed, 0, 0, 'WITHSCORES')[2]) or 0) / 0x1000)
end
return { ends, taken, due, isLowFull and 1 or 0 }
`);
