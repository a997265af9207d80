import { reprocessJob } from 'bullmq/dist/cjs/scripts/reprocessJob-9';
import { CONTROLS } from '../controls';
import { traceOtherLua } from '../explain/trace-lua';
import { failedIndexLua } from '../failed/failed-index-lua';
import { FAILED, REPLAYED_FIELD } from '../failed/failed-keys';
import { GATE, NEWEST_COUNTS, SEEN } from '../keyspace';
import { ledgerLua } from '../ledger-lua';
import { createScript, type Script } from '../script';
import { CURSOR, FINISHED, LAST_DEADLINE, MATCHED, NOT, NOT_SENT, REPLAY, REPLAY_FIELD, REPLAY_TTL_MS, SENT, WAITING, WAITING_SINCE } from './replay-lua';

/**
 * The look at a pushkey in the memory of rejections: a Lua function body over `base`, `device` and `pushkeyTs` (milliseconds, 0
 * when unknown) that returns true for a dead one, and changes nothing.
 */
export interface RejectionLook {
  readonly lua: string;
}

/** Arguments of each candidate, as `candidateArguments` makes them. */
export const CANDIDATE_ARGUMENTS = 9;
/** What the decision is when a push may go; the others are `NOT_SENT`. */
export const SEND = 'send';
/** What a step returns when it did nothing. */
export const ANOTHER_PLACE = -1;
export const STANDS = -2;

/**
 * What becomes of a failed push when it is to be sent again; changes nothing. A candidate: id, when it failed, device hash (''
 * when its job cannot be read), pushkey_ts (ms), event hash or '', kind, deadline (ms), deadline when sent (ms, 0: it is past its
 * own), data to be written ('' for none). Needs the locals `base`, `now` and `isServed`.
 */
const decideLua = (look: RejectionLook): string => `
${traceOtherLua}
local function isRejected(base, device, pushkeyTs)
${look.lua}
end
local gate = redis.call('HMGET', base .. '${GATE}', 'state', 'out')
local isParked = gate[1] == 'parked' or (gate[1] == 'probing' and not gate[2])
local function candidate(i)
  return { id = ARGV[i], failedAt = ARGV[i + 1], device = ARGV[i + 2], pushkeyTs = tonumber(ARGV[i + 3]), event = ARGV[i + 4],
    kind = ARGV[i + 5], deadline = tonumber(ARGV[i + 6]), newDeadline = tonumber(ARGV[i + 7]), data = ARGV[i + 8] }
end
local function seenKey(push)
  return push.event ~= '' and base .. '${SEEN}' .. push.device .. push.event or nil
end
-- The homeserver sent it again and that was accepted: it waits, or the device has had it. Where that failed as well, whichever is
-- sent first counts. Of one that has ended and is not remembered the device may have had it: rather no push than two.
local function isAcceptedAgain(push)
  local seen = seenKey(push)
  local other = seen and redis.call('GET', seen)
  if other and other ~= '' and other ~= push.id and not redis.call('ZSCORE', base .. '${FAILED}', other) then
    if redis.call('EXISTS', base .. other) == 1 or traceFate(push.event, push.device, other) ~= 'ended' then return true end
  end
  return traceOther(push.event, push.device, push.id)
end
-- The mark of the newest lives as long as an update may take. Without one nobody knows whether there was a newer: an old number
-- must not overwrite it, and the next update puts a badge right in any case.
local function isSuperseded(push)
  if push.kind ~= 'counts' then return false end
  local newest = redis.call('GET', base .. '${NEWEST_COUNTS}' .. push.device)
  return not newest or string.match(newest, ':(.*)$') ~= push.id
end
local function decide(push)
  local failedAt = redis.call('ZSCORE', base .. '${FAILED}', push.id)
  -- It failed again meanwhile: then somebody else had sent it.
  if not failedAt or tonumber(failedAt) ~= tonumber(push.failedAt) then return 'gone' end
  if push.device == '' then return 'unreadable' end
  -- Whatever else is true of it: nobody would send it.
  if not isServed then return 'parked' end
  if isRejected(base, push.device, push.pushkeyTs) then return 'rejected' end
  if isAcceptedAgain(push) then return 'already_delivered' end
  if isSuperseded(push) then return 'superseded' end
  if push.newDeadline == 0 or (push.data == '' and push.deadline <= now) then return 'expired' end
  return isParked and 'parked' or '${SEND}'
end
`;

/**
 * Why an app takes nothing from a replay now, or nil: it would only wait there, in the way of what comes in. Needs a local `base`.
 */
const standsLua = `
local function stands(mostWaiting)
  local state = redis.call('HGET', base .. '${GATE}', 'state')
  if state == 'paused' or state == 'outage' or state == 'held' then return state end
  if redis.call('HEXISTS', base .. '${CONTROLS}', 'draining') == 1 then return 'draining' end
  if redis.call('LLEN', base .. 'wait') + redis.call('ZCARD', base .. 'prioritized') >= mostWaiting then return 'queue' end
  return nil
end
`;

/** ARGV: how many may wait in the app's queue. Returns why it takes nothing from a replay now, or ''. */
export const READ_STANDS = createScript(`
local base = KEYS[1]
${standsLua}
return stands(tonumber(ARGV[1])) or ''
`);

/** ARGV: now (ms), '1' when somebody sends for the app, then candidates. Returns the decision for each. */
export function lookScript(look: RejectionLook): Script {
  return createScript(`
local base, now, isServed = KEYS[1], tonumber(ARGV[1]), ARGV[2] == '1'
${decideLua(look)}
local decisions = {}
for i = 3, #ARGV, ${CANDIDATE_ARGUMENTS} do decisions[#decisions + 1] = decide(candidate(i)) end
return decisions
`);
}

/**
 * One step of a replay in one app, as one atomic step: what may go leaves the failed set and its index, waits again with its
 * attempts begun anew (BullMQ's own script, run as a function; see admission-script.ts), is open again in the ledger, and is
 * marked against duplicates; the counts and the place that was reached are written with it. Whoever comes with another place
 * in mind changes nothing: each step is done once, by whichever process.
 *
 * ARGV: now (ms), '1' when somebody sends for the app, replay, place expected, place reached, '1' when there is no more, window
 * against duplicates (ms), how many may wait in the app's queue, then candidates. Returns how many were sent; -1: the place was
 * another; -2: the app takes nothing now (see `standsLua`), and nothing was changed.
 */
export function stepScript(look: RejectionLook): Script {
  return createScript(`
local base, now, isServed, replay, window = KEYS[1], tonumber(ARGV[1]), ARGV[2] == '1', ARGV[3], ARGV[7]
local part = base .. '${REPLAY}' .. replay
${ledgerLua}
${failedIndexLua}
${decideLua(look)}
${standsLua}
local function bullmqReprocess(KEYS, ARGV)
${reprocessJob.content}
end
if (redis.call('HGET', part, '${CURSOR}') or '') ~= ARGV[4] or redis.call('HEXISTS', part, '${FINISHED}') == 1 then return ${ANOTHER_PLACE} end
if isServed and stands(tonumber(ARGV[8])) then return ${STANDS} end

local function send(push)
  local key = base .. push.id
  local job = redis.call('HMGET', key, 'failedReason', 'timestamp')
  failedDrop(push.id)
  if push.data ~= '' then redis.call('HSET', key, 'data', push.data) end
  bullmqReprocess({ key, base .. 'events', base .. '${FAILED}', base .. 'wait', base .. 'meta', base .. 'active', base .. 'marker',
    base .. 'prioritized', base .. 'pc' }, { push.id, 'LPUSH', 'failedReason', 'failed', '1', '1' })
  -- What crashed its handlers gets as many tries as any other.
  redis.call('HDEL', key, 'stc', 'faults', 'alone')
  redis.call('HSET', key, '${REPLAY_FIELD}', replay, '${WAITING_SINCE}', string.format('%.0f', now))
  redis.call('HINCRBY', key, '${REPLAYED_FIELD}', 1)
  local deadline = push.data ~= '' and push.newDeadline or push.deadline
  ledgerReopen(push.id, tonumber(job[2]), failedLetter(job[1] or '').outcome, deadline)
  local seen = seenKey(push)
  if seen then redis.call('SET', seen, push.id, 'PX', window) end
  if deadline > tonumber(redis.call('HGET', part, '${LAST_DEADLINE}') or 0) then
    redis.call('HSET', part, '${LAST_DEADLINE}', string.format('%.0f', deadline))
  end
  redis.call('HINCRBY', part, '${SENT}', 1)
  redis.call('HINCRBY', part, '${WAITING}', 1)
end
local sent = 0
for i = 9, #ARGV, ${CANDIDATE_ARGUMENTS} do
  local push = candidate(i)
  local decision = decide(push)
  if redis.call('HGET', base .. push.id, '${REPLAY_FIELD}') == replay then
    -- Sent by this very replay and failed again in the same millisecond: it was counted.
  elseif decision == '${SEND}' then
    send(push)
    sent = sent + 1
  else
    redis.call('HINCRBY', part, '${NOT}' .. decision, 1)
  end
end
redis.call('HSET', part, '${CURSOR}', ARGV[5])
if ARGV[6] == '1' then
  redis.call('HSET', part, '${FINISHED}', '1')
  -- What was counted at the beginning and was not met is gone: another replay took it, or it was too old to be kept.
  local met = tonumber(redis.call('HGET', part, '${SENT}') or 0)
  for _, reason in ipairs({ ${NOT_SENT.map((reason) => `'${reason}'`).join(', ')} }) do
    met = met + tonumber(redis.call('HGET', part, '${NOT}' .. reason) or 0)
  end
  local missing = tonumber(redis.call('HGET', part, '${MATCHED}') or 0) - met
  if missing > 0 then redis.call('HINCRBY', part, '${NOT}gone', missing) end
  if missing < 0 then redis.call('HSET', part, '${MATCHED}', met) end
end
redis.call('PEXPIRE', part, ${REPLAY_TTL_MS})
return sent
`);
}

/** ARGV: ids. Returns for each id its data, or '' when its job is gone. */
export const READ_DATA = createScript(`
local found = {}
for i, id in ipairs(ARGV) do found[i] = redis.call('HGET', KEYS[1] .. id, 'data') or '' end
return found
`);

/** ARGV: the states from which it may be left, with commas around them, and the new one. KEYS[1] the replay's record. Returns 1 when it was changed. */
export const CHANGE_STATE = createScript(`
local state = redis.call('HGET', KEYS[1], 'state')
if not state or not string.find(ARGV[1], ',' .. state .. ',', 1, true) then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2])
return 1
`);

/** ARGV: who, for how long (ms). KEYS[1] the lease. Takes it, or keeps what is already held. Returns 1 when it is held. */
export const HOLD_LEASE = createScript(`
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`);

/** ARGV: who. */
export const DROP_LEASE = createScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
`);
