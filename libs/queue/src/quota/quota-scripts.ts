import { createScript } from '../script';
import {
  BACKOFF_CALM_MS,
  CUT_EVERY_MS,
  CUT_TO,
  FIRST_BACKOFF_MS,
  FLOOR,
  GROWTH_PER_MS,
  LEASE_ENDS_MS,
  LEAST,
  LONGEST_BACKOFF_MS,
  LONGEST_SLICE_MS,
  PACE,
  RESERVE_MS,
  SLICE_MS,
  STOPPED_MS,
  THAW_MS,
  WORTH_ASKING,
} from './quota-terms';

/** A quota nobody asks for is forgotten, in milliseconds; long after it counts as stopped. */
const FORGET_MS = 600_000;

/**
 * ARGV of both: now (ms). The state of a quota is one hash: `tokens` at the time `at`; `seen`, when somebody asked last; `ramp`,
 * when the app began or came back; `factor`, what refusals have left of the configured quota; `cut`, `refused`, `held` and `backoff` of
 * the last refusal; and for each dispatcher `m:ID`: when it asked, whether it got less than it wanted, what it holds.
 */
const PRELUDE = `
local key, now = KEYS[1], tonumber(ARGV[1])
local state, members = {}, {}
local all = redis.call('HGETALL', key)
for i = 1, #all, 2 do
  local id = string.match(all[i], '^m:(.*)$')
  if id then members[id] = all[i + 1] else state[all[i]] = tonumber(all[i + 1]) end
end
local function put(field, value) redis.call('HSET', key, field, string.format('%.5f', value)) end
`;

/**
 * Further ARGV: id of the dispatcher; how many it wants; how many of an earlier lease it still holds; how many it gives back; how
 * many it has used without a lease; the quota a minute; the length of a ramp (ms); 1 while the provider is out.
 *
 * Returns how many it got, in how many milliseconds it is worth asking again, the quota a minute as it is now, how many dispatchers
 * there are, and how many of them want more than they get.
 */
export const LEASE = createScript(`${PRELUDE}
local id, want, keeps, back, spent = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local quota, rampMs, out = tonumber(ARGV[7]), tonumber(ARGV[8]), ARGV[9] == '1'

local stopped = not state.seen or now - state.seen > ${STOPPED_MS}
if stopped or out then
  state.ramp = now
  put('ramp', now)
end
local ramp, held = state.ramp or 0, state.held or 0
-- What part of the quota is used at a time: less after a start, after an outage, and after a refusal.
local function part(time)
  local begun = rampMs > 0 and math.min(1, math.max(0, time - ramp) / rampMs) or 1
  local thawed = held > 0 and math.min(1, math.max(0, time - held) / ${THAW_MS}) or 1
  return (${FLOOR} + (1 - ${FLOOR}) * begun) * (${FLOOR} + (1 - ${FLOOR}) * thawed)
end
-- A clock that was set back must not stop it.
local at = math.min(state.at or now, now)
local factor = math.min(1, (state.factor or 1) + (now - at) * ${GROWTH_PER_MS})
local full = quota / 60000 * ${PACE} * factor
local most = math.max(1, quota / 60000 * ${RESERVE_MS})
local from = stopped and now or math.min(now, math.max(at, held))
local gained = full * (part(from) + part(now)) / 2 * (now - from)
local tokens = (stopped and math.max(1, most * ${FLOOR}) or (state.tokens or 0)) + gained

-- Those who want more than they get share what is gained: even is what each of them has been due since the beginning.
local live, others, owed, short = {}, 0, 0, {}
for other, text in pairs(members) do
  local asked, isHungry, leased, since, due = string.match(text, '^(%S+) (%S+) (%S+) (%S+) (%S+)$')
  if other ~= id and now - tonumber(asked) > ${LEASE_ENDS_MS} then
    -- It died, or has nothing to do: what it did not use is the others'.
    tokens = tokens + tonumber(leased)
    redis.call('HDEL', key, 'm:' .. other)
  else
    live[other] = { leased = tonumber(leased), since = tonumber(since), due = tonumber(due) }
    if other ~= id then others = others + 1 end
    if isHungry == '1' then table.insert(short, other) end
  end
end
local even = (state.even or 0) + (#short > 0 and gained / #short or 0)
local function dueTo(other) return math.min(most, live[other].due + even - live[other].since) end
local due, wasShort = 0, false
for _, other in ipairs(short) do
  owed = owed + dueTo(other)
  if other == id then due, wasShort = dueTo(other), true end
end
local hungry = #short + (wasShort and 0 or 1)

local leased = live[id] and live[id].leased or 0
-- Never more than it was given.
keeps = math.min(keeps, leased)
tokens = math.min(tokens + math.min(back, leased - keeps), most) - spent
-- A debt of more than a reserve is none that the provider remembers.
tokens = math.max(tokens, -most)

local there = now < held and 0 or math.max(0, tokens)
-- Its own part, and of what nobody is owed.
local mayTake = due + math.max(0, there - owed) / hungry
local granted = math.floor(math.min(want, there, mayTake) + 0.00001)
local wantsMore = granted < want
local rate = full * part(now)
local mine = rate / hungry
local wait = math.max(${SLICE_MS}, math.min(${LONGEST_SLICE_MS}, ${WORTH_ASKING} / math.max(mine, 0.000001)))
wait = math.max(wait, (1 - mayTake + granted) / math.max(mine, 0.000001), held - now)

put('tokens', tokens - granted)
put('even', even)
put('at', now)
put('seen', now)
put('factor', factor)
redis.call('HSET', key, 'm:' .. id, string.format('%.0f %d %.0f %.5f %.5f', now, wantsMore and 1 or 0, keeps + granted, even,
  math.max(0, math.min(mayTake, due) - granted)))
if not wantsMore then hungry = hungry - 1 end
redis.call('PEXPIRE', key, ${FORGET_MS})
return { granted, math.ceil(math.min(wait, ${LEASE_ENDS_MS})), math.floor(rate * 60000), others + 1, hungry }`);

/**
 * The provider has refused a push for the quota. Further ARGV: when that attempt began (ms), for how long the provider wants nothing
 * (ms; 0: it did not say). Of many refusals at once, in whatever dispatchers, one counts.
 *
 * Returns for how many more milliseconds nothing is leased, and 1 when this call decided it.
 */
export const REFUSED = createScript(`${PRELUDE}
local started, asked = tonumber(ARGV[2]), tonumber(ARGV[3])
local held = state.held or 0
if state.refused and started <= math.max(state.refused, held) then
  if asked > 0 and now + asked > held then
    held = now + asked
    put('held', held)
  end
  return { math.max(0, math.ceil(held - now)), 0 }
end
local backoff = ${FIRST_BACKOFF_MS}
if state.backoff and now - held < ${BACKOFF_CALM_MS} then backoff = math.min(state.backoff * 2, ${LONGEST_BACKOFF_MS}) end
if now - (state.cut or 0) >= ${CUT_EVERY_MS} then
  put('factor', math.max(${LEAST}, (state.factor or 1) * ${CUT_TO}))
  put('cut', now)
end
local pause = asked > 0 and asked or backoff
put('backoff', backoff)
put('refused', now)
put('held', now + pause)
put('tokens', 0)
put('at', now)
redis.call('PEXPIRE', key, math.max(${FORGET_MS}, pause))
return { math.ceil(pause), 1 }`);
