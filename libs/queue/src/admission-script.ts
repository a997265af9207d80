import { addJobLua } from './add-job-lua';
import { CONTROLS } from './controls';
import { traceLua } from './explain/trace-lua';
import { GATE, NEWEST_COUNTS, SEEN } from './keyspace';
import { ledgerLua } from './ledger-lua';
import { WAITING_SINCE } from './replay/replay-lua';

/**
 * What the memory of rejections contributes to the admission: a Lua function body over `base` (the app's key base),
 * `device` (its hash), `pushkeyTs` (milliseconds, 0 when unknown) and `now`, that returns true for a dead pushkey.
 */
export interface AdmissionGuard {
  readonly lua: string;
}

/** What the script answers for each admission, in its own numbers. */
export const VERDICTS = ['accepted', 'duplicate', 'known-rejection', 'queue-full'] as const;

/** Arguments before the admissions, and arguments of each admission. */
export const HEAD_ARGUMENTS = 8;
export const ADMISSION_ARGUMENTS = 9;

/**
 * The admission of a batch of dispatches of one app, as one atomic step and one round trip: known rejections out,
 * duplicates out, the queue's limit, the mark against duplicates, the newest counts, the job. See ADR 0003.
 *
 * The job itself is added as BullMQ adds it (add-job-lua.ts).
 *
 * While the app's provider is out (gate-scripts.ts), the freshest go first: who waits longest is the likeliest to expire, and
 * the least missed. Oldest first would ring yesterday's news before today's.
 *
 * KEYS[1] the app's key base. ARGV: now (ms), window (ms), limit (jobs), limit of the age (ms, 0: none), retention of counts
 * marks (ms), how long (ms) and of how many it is remembered what became of them (0: of none), the name of this ingress; then
 * for each admission: job id, data, lane ('high' | 'low'), duplicate key or '', device hash, pushkey_ts (ms), kind, deadline (ms),
 * event hash or ''. Returns a verdict for each and, last, how full the queue is (in thousandths of its limit).
 */
export function admissionScript(guard: AdmissionGuard): string {
  return `
local base = KEYS[1]
local nowText, now, window, limit = ARGV[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local ageLimit, countsTtl = tonumber(ARGV[4]), tonumber(ARGV[5])
local traceKeep, traceMax, ingress = tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]
local function isKnownRejection(base, device, pushkeyTs, now)
${guard.lua}
end
${ledgerLua}
${traceLua}

local outSince = redis.call('HGET', base .. '${GATE}', 'out')
${addJobLua}
-- Since when it waits: its acceptance, or its return by a replay.
local function waitsSince(id)
  local since = id and redis.call('HMGET', base .. id, '${WAITING_SINCE}', 'timestamp') or {}
  return tonumber(since[1] or since[2] or nil) or now
end
-- The oldest is at one end of the list: its tail, or, while the freshest go first, its head.
local function oldestAge()
  local oldest = math.min(waitsSince(redis.call('LINDEX', base .. 'wait', -1)), waitsSince(redis.call('LINDEX', base .. 'wait', 0)),
    waitsSince(redis.call('ZRANGE', base .. 'prioritized', 0, 0)[1]))
  return now - oldest
end

local used = redis.call('LLEN', base .. 'wait') + redis.call('ZCARD', base .. 'prioritized')
  + redis.call('ZCARD', base .. 'delayed')
local room = limit - used
-- An operator lets the queue run empty.
if redis.call('HEXISTS', base .. '${CONTROLS}', 'draining') == 1 then room = 0 end
if ageLimit > 0 and room > 0 and used > 0 and oldestAge() > ageLimit then room = 0 end

-- The newest by the time of its request, which its deadline tells: one that a homeserver has given up can arrive after the next.
local function noteCounts(device, id, deadline)
  local key = base .. '${NEWEST_COUNTS}' .. device
  local newest = redis.call('GET', key)
  if newest and tonumber(string.match(newest, '^%d+')) > tonumber(deadline) then return end
  redis.call('SET', key, deadline .. ':' .. id, 'PX', countsTtl)
end

local counted = { accepted = 0, duplicates = 0, told = 0 }
local function admit(id, data, lane, duplicate, device, pushkeyTs, kind, deadline, eventHash)
  if isKnownRejection(base, device, pushkeyTs, now) then
    counted.told = counted.told + 1
    traceTold(eventHash, device, now, ingress)
    return ${VERDICTS.indexOf('known-rejection')}
  end
  local seen = duplicate ~= '' and base .. '${SEEN}' .. duplicate
  -- The id itself: a client of a Cluster may send a script again whose answer was lost.
  if redis.call('EXISTS', base .. id, seen or base .. id) > 0 then
    counted.duplicates = counted.duplicates + 1
    traceDuplicate(eventHash, device, now)
    return ${VERDICTS.indexOf('duplicate')}
  end
  if room <= 0 then return ${VERDICTS.indexOf('queue-full')} end
  room = room - 1
  used = used + 1
  -- The job first: Lua does not roll back, and a mark without a job would swallow the resend.
  addJob(id, data, lane)
  ledgerOpen(id, deadline)
  counted.accepted = counted.accepted + 1
  if seen then redis.call('SET', seen, id, 'PX', window) end
  traceAccepted(eventHash, device, id, now, ingress)
  if kind == 'counts' then noteCounts(device, id, deadline) end
  return ${VERDICTS.indexOf('accepted')}
end

local verdicts = {}
for i = ${HEAD_ARGUMENTS + 1}, #ARGV, ${ADMISSION_ARGUMENTS} do
  verdicts[#verdicts + 1] = admit(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4],
    tonumber(ARGV[i + 5]), ARGV[i + 6], ARGV[i + 7], ARGV[i + 8])
end
jobsAdded()
for field, number in pairs(counted) do ledgerCount(now, field, number) end
traceSettle(now)
verdicts[#verdicts + 1] = math.floor(used * 1000 / limit)
return verdicts
`;
}
