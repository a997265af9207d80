import { buryLua } from './bury-lua';
import { traceEndLua } from './explain/trace-lua';
import { failedIndexLua } from './failed/failed-index-lua';
import { GATE, OPEN } from './keyspace';
import { ledgerLua } from './ledger-lua';
import { MAX_FAULTS } from './quarantine';
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
 * Ends dispatches that are past their deadline and that no worker will end: those of an app that does not run, those
 * whose job is gone, and those that no worker gets done. Each moves into the failed set and the ledger in one atomic step.
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
-- Under way, but its workers do not get it done, and at this moment none has it. The first time says nothing: whoever has the
-- push may only be waiting for Redis, to write down that it was delivered.
local function removeAbandoned(id, deaths)
  return deaths >= ${MAX_FAULTS} and redis.call('EXISTS', base .. id .. ':lock') == 0
    and redis.call('LREM', base .. 'active', 1, id) == 1
end
${buryLua}
local left, settled = 0, {}
local function settle(id, outcome, data)
  settled[#settled + 1], settled[#settled + 2], settled[#settled + 3] = id, outcome, data
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', base .. '${OPEN}', '-inf', ARGV[2], 'LIMIT', ARGV[3], ${OVERDUE_BATCH})) do
  local job = redis.pcall('HMGET', base .. id, 'timestamp', 'data', '${REPLAY_FIELD}', 'stc')
  -- Somebody wrote something else in its place.
  if job.err then job = {} end
  local acceptedAt, data = tonumber(job[1]) or now, job[2] or ''
  if not (job[1] or job[2]) then
    removeFromQueue(id)
    redis.call('LREM', base .. 'active', 1, id)
    redis.call('DEL', base .. id)
    ledgerClose(id, now, 'dead')
    settle(id, 'lost', '')
  elseif removeFromQueue(id) or removeAbandoned(id, tonumber(job[4]) or 0) then
    bury(id, ARGV[6], data)
    ledgerClose(id, acceptedAt, 'expired')
    replayEnded(job[3], 'expired')
    settle(id, 'expired', data)
  elseif redis.call('LPOS', base .. 'active', id) or budget <= 0 then
    left = left + 1
  else
    -- In no state at all: somebody took it out of the queue by hand.
    bury(id, ARGV[7], data)
    ledgerClose(id, acceptedAt, 'dead')
    replayEnded(job[3], 'dead')
    settle(id, 'lost', data)
  end
end
failedTrim(now, tonumber(ARGV[5]), tonumber(ARGV[4]), ${TRIM_AT_ONCE})
return { left, settled }
`);

