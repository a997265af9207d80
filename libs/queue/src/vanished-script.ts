import { buryLua } from './bury-lua';
import { traceEndLua } from './explain/trace-lua';
import { failedIndexLua } from './failed/failed-index-lua';
import { OPEN, VANISHED_CURSOR } from './keyspace';
import { ledgerLua } from './ledger-lua';
import { REPLAY_FIELD, replayEndLua } from './replay/replay-lua';
import { createScript } from './script';

/** Vanished dispatches that one run settles; Redis serves nobody else meanwhile. */
const VANISHED_BATCH = 100;
/** Open dispatches that one run looks at, in portions: about 5 ms. */
const LOOK_AT = 1000;
const PORTION = 500;
/** Lists up to this length are read whole, which tells who stands in none of them; in longer ones only whose job is gone is missed. */
const MAX_LISTED = 10_000;
/** How long the place is kept at which the next run goes on, in milliseconds. */
const CURSOR_TTL_MS = 60_000;

/**
 * Ends dispatches that have vanished, before their deadline: open, but their job was deleted, or taken out of the queue. When the
 * queue holds as many as are open nothing is looked at: a handful of lengths is the whole cost. Otherwise one run after
 * the other goes through what is open. Whatever adds, moves or ends a job does so in one script, so none is seen half-way.
 *
 * An id that stands in the queue twice hides one that vanished: that one is ended at its deadline (overdue-script.ts).
 *
 * KEYS[1] the app's key base. ARGV: now (ms), the letter of a lost one. Returns 1 when there
 * is more to look at, or 0, and id and data, or '', of each that it ended.
 */
export const SETTLE_VANISHED = createScript(`
local base, now = KEYS[1], tonumber(ARGV[1])
local inLists = redis.call('LLEN', base .. 'wait') + redis.call('LLEN', base .. 'paused') + redis.call('LLEN', base .. 'active')
local queued = inLists + redis.call('ZCARD', base .. 'prioritized') + redis.call('ZCARD', base .. 'delayed')
local missing = redis.call('ZCARD', base .. '${OPEN}') - queued
if missing <= 0 then return { 0, {} } end
${ledgerLua}
${failedIndexLua}
${traceEndLua}
${replayEndLua}
${buryLua}

local listed
if inLists <= ${MAX_LISTED} then
  listed = {}
  for _, list in ipairs({ 'wait', 'paused', 'active' }) do
    for _, id in ipairs(redis.call('LRANGE', base .. list, 0, -1)) do listed[id] = true end
  end
end
local function hasVanished(id)
  if listed then
    if listed[id] then return false end
  elseif redis.call('EXISTS', base .. id) == 1 then
    return false
  end
  return not redis.call('ZSCORE', base .. 'prioritized', id) and not redis.call('ZSCORE', base .. 'delayed', id)
end

local function lookThrough(cursor)
  local found, looked = {}, 0
  repeat
    local reply = redis.call('ZSCAN', base .. '${OPEN}', cursor, 'COUNT', ${PORTION})
    for i = 1, #reply[2], 2 do
      if #found == ${VANISHED_BATCH} then return found, cursor end
      if hasVanished(reply[2][i]) then found[#found + 1] = reply[2][i] end
    end
    cursor, looked = reply[1], looked + ${PORTION}
  until cursor == '0' or looked >= ${LOOK_AT} or #found >= missing
  return found, cursor
end

local found, cursor = lookThrough(redis.call('GET', base .. '${VANISHED_CURSOR}') or '0')
if cursor == '0' then
  redis.call('DEL', base .. '${VANISHED_CURSOR}')
else
  redis.call('SET', base .. '${VANISHED_CURSOR}', cursor, 'PX', ${CURSOR_TTL_MS})
end
local settled = {}
for _, id in ipairs(found) do
  local job = redis.pcall('HMGET', base .. id, 'timestamp', 'data', '${REPLAY_FIELD}')
  if job.err then job = {} end
  if job[2] and not redis.call('ZSCORE', base .. 'failed', id) then bury(id, ARGV[2], job[2]) end
  ledgerClose(id, tonumber(job[1]) or now, 'dead')
  replayEnded(job[3], 'dead')
  settled[#settled + 1], settled[#settled + 2] = id, job[2] or ''
end
return { (#found == ${VANISHED_BATCH} or cursor ~= '0') and 1 or 0, settled }
`);
