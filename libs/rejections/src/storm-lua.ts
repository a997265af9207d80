import { slowLua } from './storm-slow-lua';

/** Where a dead pushkey is remembered, by its device hash. */
export const REJECTED = 'rejected:';

/**
 * Verdicts that one storm can hold; about 120 bytes each. Past it a verdict is not told either, but not kept: that device
 * is asked about again at each retry.
 */
const HELD_LIMIT = 250_000;
/** Remembered verdicts of the window that a storm can still take back. */
const RECENT_LIMIT = 5_000;
/** Buckets of the window; 10 s each by default. */
const BUCKETS = 30;
/** Counts on Redis, three to a bucket at most, at which a tick cleans up. */
const MANY_COUNTS = 4 * BUCKETS;
/** After so long an answer counts half in the app's usual share, in milliseconds. */
const HALF_LIFE_MS = 86_400_000;
/** Answers without a rejection that the usual share starts from: an app of few pushes has no meaningful share. */
const BASELINE_START = 100;
/** Above it no usual share excuses anything. */
const HIGHEST_THRESHOLD = 0.9;
/** With this share of the app rejected it is taken for a mistake (sandbox tokens), whatever the reason says. */
const NEARLY_ALL = 0.9;
/** Pushkeys asked about again that decide, when so many are held; latest results that are looked at. */
const DECIDING_PROBES = 10;
const LATEST_PROBES = 20;
/** Probes at once, and in a second, for one app. */
const PROBE_BURST = 10;
const PROBES_PER_SECOND = 1;
/** A probe that nobody answered for so long (its dispatcher died) may be repeated, in milliseconds. */
const PROBE_TIMEOUT_MS = 60_000;
/** The settings of a storm's cause are gone when no dispatcher has them for so long, in milliseconds. */
const SETTINGS_GONE_MS = 10_000;
/** Verdicts that are told in one script run. */
export const RELEASE_CHUNK = 500;
/** After an operator has released a storm, the breaker trusts the app's rejections for so long, in milliseconds. */
const TRUSTED_MS = 600_000;

/**
 * What the scripts share. KEYS[1] is the app's key base, ARGV[1] the time in milliseconds, ARGV[2] the settings as JSON.
 *
 * - `storm`: hash, the storm itself; absent: none
 * - `storm:held`: hash, device hash -> verdict (`diedAt|suspect|probes|askedAt|reason`)
 * - `storm:reasons`: hash, reason -> verdicts that were held
 * - `storm:probes`: list, the latest results, `a`ccepted or `r`ejected
 * - `storm:settings`: hash, fingerprint of settings -> when a dispatcher that has them was seen
 * - `storm:answers`: hash, `BUCKET:d` delivered, `BUCKET:o` ordinary, `BUCKET:s` suspect rejections
 * - `storm:recent:o`, `storm:recent:s`: sorted sets, device hash by the time of its rejection
 * - `storm:baseline`: hash, the decayed sums of the answers that left the window outside of storms
 * - `storm:trusted`: set while an operator's word is believed
 *
 * And those of storm-slow-lua.ts.
 */
const PRELUDE = `
local base, now, settings = KEYS[1], tonumber(ARGV[1]), cjson.decode(ARGV[2])
local STORM, HELD, REASONS = base .. 'storm', base .. 'storm:held', base .. 'storm:reasons'
local PROBES, SETTINGS, ANSWERS = base .. 'storm:probes', base .. 'storm:settings', base .. 'storm:answers'
local BASELINE, RECENT, TRUSTED = base .. 'storm:baseline', base .. 'storm:recent:', base .. 'storm:trusted'

local function whole(number) return string.format('%.0f', number) end
local function fields(key)
  local flat, result = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do result[flat[i]] = flat[i + 1] end
  return result
end
local storm = fields(STORM)
local function number(field) return tonumber(storm[field] or 0) end
local function add(field, by) storm[field] = redis.call('HINCRBY', STORM, field, by) end
local function set(field, value)
  storm[field] = value
  redis.call('HSET', STORM, field, value)
end
local function stormy() return storm.since ~= nil end
`;

/** Answers: counting them, the app's usual share, the verdict on the latest. */
const ANSWERS = `
local bucketMs = math.max(1, math.floor(settings.windowMs / ${BUCKETS}))
local current = math.floor(now / bucketMs)

local function count(what, by)
  if by <= 0 then return end
  redis.call('HINCRBY', ANSWERS, whole(current) .. ':' .. what, whole(by))
  if stormy() and what == 'd' then add('delivered', whole(by)) end
end
local function learn(gone)
  for _, class in ipairs({ 'o', 's' }) do
    if gone[class] > 0 and doubtful(class) then gone[class] = 0 end
  end
  local usual = fields(BASELINE)
  local keep = 0.5 ^ (math.max(0, now - tonumber(usual.at or now)) / ${HALF_LIFE_MS})
  redis.call('HSET', BASELINE, 'at', whole(now))
  for what, sum in pairs(gone) do redis.call('HSET', BASELINE, what, tostring(tonumber(usual[what] or 0) * keep + sum)) end
end
-- The answers of the window by the age of their bucket. What has left it teaches the usual share, unless there is a storm.
local function window()
  local ages, gone, any = {}, { d = 0, o = 0, s = 0 }, false
  for field, sum in pairs(fields(ANSWERS)) do
    local bucket, what = string.match(field, '^(%d+):(%a)$')
    local age = current - tonumber(bucket)
    -- From another host's clock, which may be ahead; far ahead: from a window of another length.
    if age < 0 and age >= -${BUCKETS} then age = 0 end
    if age >= 0 and age < ${BUCKETS} then
      ages[age] = ages[age] or { d = 0, o = 0, s = 0 }
      ages[age][what] = ages[age][what] + tonumber(sum)
    else
      redis.call('HDEL', ANSWERS, field)
      gone[what] = gone[what] + tonumber(sum)
      any = age > 0
    end
  end
  if any and not stormy() then learn(gone) end
  return ages
end
local function usualShare(class)
  local usual = fields(BASELINE)
  local function sum(what) return tonumber(usual[what] or 0) end
  return sum(class) / (sum('d') + sum('o') + sum('s') + ${BASELINE_START})
end
-- The share of the class's rejections when they are too many, over any span that ends now and is longer than one bucket:
-- a mistake that began a moment ago must not hide behind the good answers of the minutes before it.
local function tooMany(class)
  local floor = class == 's' and settings.suspectFloor or settings.floor
  local share = class == 's' and settings.suspectShare or settings.share
  local limit = math.max(share, math.min(settings.factor * usualShare(class), ${HIGHEST_THRESHOLD}))
  local bad, all, ages = 0, 0, window()
  for age = 0, ${BUCKETS - 1} do
    local bucket = ages[age]
    if bucket then bad, all = bad + bucket[class], all + bucket.d + bucket.o + bucket.s end
    if age > 0 and bad >= floor and bad / all >= limit then return bad / all end
  end
  return nil
end
`;

/** Verdicts: remembered ones, held ones, and the way from one to the other. */
const VERDICTS = `
local function remember(device, diedAt, reason)
  local key = base .. '${REJECTED}' .. device
  redis.call('HSET', key, 'diedAt', diedAt, 'reason', reason)
  redis.call('PEXPIRE', key, whole(settings.ttlMs))
end
local function readHeld(device)
  local entry = redis.call('HGET', HELD, device)
  if not entry then return nil end
  local diedAt, class, probes, askedAt, reason = string.match(entry, '^(%d+)|(%a)|(%d+)|(%d+)|(.*)$')
  return { diedAt = diedAt, class = class, probes = tonumber(probes), askedAt = tonumber(askedAt), reason = reason }
end
local function writeHeld(device, verdict)
  redis.call('HSET', HELD, device, table.concat(
    { whole(tonumber(verdict.diedAt)), verdict.class, whole(verdict.probes), whole(verdict.askedAt), verdict.reason }, '|'))
end
local function probeEnded(result)
  redis.call('LPUSH', PROBES, result)
  redis.call('LTRIM', PROBES, 0, ${LATEST_PROBES - 1})
end
-- Returns how often the provider was asked again about this pushkey.
local function hold(device, verdict)
  local known = readHeld(device)
  if known then
    if known.askedAt > 0 then
      if known.probes == 0 then add('probed', 1) end
      known.probes = known.probes + 1
      probeEnded('r')
    end
    verdict.probes, verdict.askedAt = known.probes, 0
    writeHeld(device, verdict)
    return known.probes
  end
  add('total', 1)
  redis.call('HINCRBY', REASONS, verdict.reason, 1)
  if redis.call('HLEN', HELD) < ${HELD_LIMIT} then
    verdict.probes, verdict.askedAt = 0, 0
    writeHeld(device, verdict)
  end
  return 0
end
-- What was remembered before the storm was seen, in the window or the memory of the slow look, is a part of it. Up to thousands: few commands for each.
local function takeBack(class)
  local taken, told, reasons = 0, 0, {}
  local devices = redis.call('ZRANGEBYSCORE', RECENT .. class, whole(now - settings.windowMs), '+inf')
  -- Some are in both, but taken once: then they are remembered no more.
  for _, device in ipairs(redis.call('ZRANGE', JUDGED .. class, 0, -1)) do devices[#devices + 1] = device end
  for _, device in ipairs(devices) do
    local key = base .. '${REJECTED}' .. device
    local known = redis.call('HMGET', key, 'diedAt', 'reason', 'told')
    if known[1] then
      redis.call('DEL', key)
      writeHeld(device, { diedAt = known[1], class = class, probes = 0, askedAt = 0, reason = known[2] })
      taken = taken + 1
      reasons[known[2]] = (reasons[known[2]] or 0) + 1
      if known[3] then told = told + 1 end
    end
  end
  for reason, times in pairs(reasons) do redis.call('HINCRBY', REASONS, reason, times) end
  add('total', taken)
  add('told', told)
  redis.call('DEL', RECENT .. class, JUDGED .. class)
end
-- Returns how many were told.
local function release(limit)
  local devices = redis.call('HRANDFIELD', HELD, whole(limit))
  for _, device in ipairs(devices) do
    local verdict = readHeld(device)
    if verdict then remember(device, verdict.diedAt, verdict.reason) end
    redis.call('HDEL', HELD, device)
  end
  return #devices
end
`;

/** The storm as others see it, and its end. */
const VIEW = `
local function results()
  local accepted, all = 0, redis.call('LRANGE', PROBES, 0, -1)
  for _, result in ipairs(all) do
    if result == 'a' then accepted = accepted + 1 end
  end
  return accepted, #all
end
local function needsOperator()
  if storm.kind ~= 'ordinary' then return true end
  local total = number('total')
  return total / math.max(1, total + number('delivered')) >= ${NEARLY_ALL}
end
local function view()
  local reasons, main, most = {}, '', 0
  for reason, times in pairs(fields(REASONS)) do
    reasons[reason] = tonumber(times)
    if reasons[reason] > most then main, most = reason, reasons[reason] end
  end
  return { since = number('since'), kind = storm.kind, state = storm.state, reason = main, reasons = reasons,
    share = number('share'), baseline = number('baseline'), held = redis.call('HLEN', HELD), told = number('told'),
    probed = number('probed'), acceptedAgain = number('accepted'), needsOperator = needsOperator() }
end
local function finish()
  redis.call('DEL', STORM, REASONS, PROBES, SETTINGS, ANSWERS, RECENT .. 'o', RECENT .. 's')
  redis.call('UNLINK', HELD)
  forgetJudged()
  storm = {}
end
`;

/** What decides how a storm goes on; used by the tick and the operator's scripts. */
export const stormConstants = {
  DECIDING_PROBES,
  PROBE_BURST,
  PROBES_PER_SECOND,
  PROBE_TIMEOUT_MS,
  SETTINGS_GONE_MS,
  RECENT_LIMIT,
  TRUSTED_MS,
  MANY_COUNTS,
} as const;

export const stormLua = `${PRELUDE}${slowLua}${ANSWERS}${VERDICTS}${VIEW}`;
