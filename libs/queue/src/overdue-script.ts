import { traceEndLua } from './explain/trace-lua';
import { failedIndexLua } from './failed/failed-index-lua';
import { GATE, OPEN } from './keyspace';
import { ledgerLua } from './ledger-lua';
import { REPLAY_FIELD, replayEndLua } from './replay/replay-lua';
import { createScript } from './script';

/** Overdue dispatches that one run looks at; Redis serves nobody else meanwhile. */
export const OVERDUE_BATCH = 100;
/** Places of the waiting list that one run may look through for them: about 5 ms. */
const SCAN_BUDGET = 100_000;
/** Where they usually are: so near to an end of the list. */
const NEAR = 1000;

/** More than one run can add, so that the set shrinks to its limit. */
const TRIM_AT_ONCE = 2 * OVERDUE_BATCH;

/**
 * Ends dispatches that are past their deadline and that no worker will end: those of an app that does not run, and those
 * whose job is gone. Each moves into the failed set and the ledger in one atomic step.
 *
 * Most of them are at the old end of the waiting list, where they are found at once: its tail, or, since the freshest go first
 * in an outage, its head. One in the middle of a long list (a call among events) is looked for within the budget; the next run,
 * or the worker that takes it, finds it otherwise.
 *
 * KEYS[1] the app's key base. ARGV: now (ms), latest deadline (ms), how many to pass over, dead letters to keep, their longest
 * age (ms), the letter of an expired one (to which is added what the provider said last), the letter of a lost one. Returns how
 * many it had to leave, and for each that it ended: id, 'expired' or 'lost', the job's data or ''.
 */
export const SETTLE_OVERDUE = createScript(`
local base, now = KEYS[1], tonumber(ARGV[1])
${ledgerLua}
${failedIndexLua}
${traceEndLua}
${replayEndLua}
local budget = ${SCAN_BUDGET}

local oldEnd = redis.call('HEXISTS', base .. '${GATE}', 'out') == 1 and 1 or -1
-- Looks from one end (1: the head, -1: the tail) through so many places at most.
local function removeFromEnd(id, fromEnd, places)
  places = math.min(places, budget)
  if places <= 0 then return false end
  local length = redis.call('LLEN', base .. 'wait')
  local position = redis.call('LPOS', base .. 'wait', id, 'RANK', fromEnd, 'MAXLEN', places)
  if not position then
    budget = budget - math.min(length, places)
    return false
  end
  -- Twice: it is looked for once more when it is taken out.
  budget = budget - 2 * (fromEnd == 1 and position + 1 or length - position)
  return redis.call('LREM', base .. 'wait', fromEnd, id) == 1
end
local function removeFromWait(id)
  return removeFromEnd(id, oldEnd, ${NEAR}) or removeFromEnd(id, -oldEnd, ${NEAR})
    or removeFromEnd(id, oldEnd, math.floor(budget / 2)) or removeFromEnd(id, -oldEnd, budget)
end
local function removeFromQueue(id)
  return redis.call('ZREM', base .. 'prioritized', id) == 1 or redis.call('ZREM', base .. 'delayed', id) == 1
    or removeFromWait(id)
end
-- What the provider said last, if it ever answered: that is why most of them expire.
local function lastAnswer(history)
  local ok, entries = pcall(cjson.decode, history)
  for i = ok and type(entries) == 'table' and #entries or 0, 1, -1 do
    local isRead, attempt = pcall(cjson.decode, entries[i])
    if isRead and type(attempt) == 'table' and type(attempt.provider_reason) == 'string' then
      return attempt.provider_reason, type(attempt.status) == 'number' and attempt.status or nil
    end
  end
end
local function bury(id, said, data)
  local letter, job = cjson.decode(said), redis.call('HMGET', base .. id, 'stacktrace', 'atm')
  if letter.outcome == 'expired' then letter.provider_reason, letter.provider_status = lastAnswer(job[1] or '[]') end
  redis.call('HSET', base .. id, 'failedReason', cjson.encode(letter), 'finishedOn', ARGV[1])
  redis.call('ZADD', base .. 'failed', now, id)
  failedAdd(id, now)
  local function named(name) return string.match(failedEnvelope(data), '[{,]"' .. name .. '":"([%w_-]+)"') or '' end
  -- As encodeEnd has it.
  traceEnded(named('eventHash'), named('deviceHash'), id, cjson.encode({ letter.outcome, letter.reason, now, tonumber(job[2]) or 0,
    letter.provider_status or cjson.null, letter.provider_reason or cjson.null }))
end

local left, settled = 0, {}
local function settle(id, outcome, data)
  settled[#settled + 1], settled[#settled + 2], settled[#settled + 3] = id, outcome, data
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', base .. '${OPEN}', '-inf', ARGV[2], 'LIMIT', ARGV[3], ${OVERDUE_BATCH})) do
  local job = redis.call('HMGET', base .. id, 'timestamp', 'data', '${REPLAY_FIELD}')
  if not job[1] then
    removeFromQueue(id)
    redis.call('LREM', base .. 'active', 1, id)
    ledgerClose(id, now, 'dead')
    settle(id, 'lost', '')
  elseif removeFromQueue(id) then
    bury(id, ARGV[6], job[2])
    ledgerClose(id, job[1], 'expired')
    replayEnded(job[3], 'expired')
    settle(id, 'expired', job[2])
  elseif redis.call('LPOS', base .. 'active', id) or budget <= 0 then
    left = left + 1
  else
    -- In no state at all: somebody took it out of the queue by hand.
    bury(id, ARGV[7], job[2])
    ledgerClose(id, job[1], 'dead')
    replayEnded(job[3], 'dead')
    settle(id, 'lost', job[2])
  end
end
failedTrim(now, tonumber(ARGV[5]), tonumber(ARGV[4]), ${TRIM_AT_ONCE})
return { left, settled }
`);

