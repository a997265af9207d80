/**
 * Delivered devices, and rejected ones of each kind, that the slow look remembers of one app. Its memory reaches back to the
 * oldest of the delivered: what lies before them is long outweighed.
 */
const JUDGED_LIMIT = 500;
/** After an operator has released a storm, the slow look trusts the app for so long, in milliseconds. */
const TRUSTED_SLOW_MS = 86_400_000;

/**
 * The slow look: the latest devices that the provider judged, each once and by its latest answer, however long that took.
 * Off without `settings.slow`.
 *
 * - `storm:judged:d`, `storm:judged:o`, `storm:judged:s`: sorted sets, device hash by the time of the answer (ms): delivered,
 *   and rejected for reasons that a mistake of ours would cause too (`o`: counted as ordinary otherwise)
 * - `storm:trusted:slow`: set while an operator's word is believed
 */
export const slowLua = `
local JUDGED, TRUSTED_SLOW = base .. 'storm:judged:', base .. 'storm:trusted:slow'

local function judge(class, devices)
  if not settings.slow or #devices == 0 then return end
  local key, members = JUDGED .. class, {}
  for _, device in ipairs(devices) do
    members[#members + 1] = whole(now)
    members[#members + 1] = device
  end
  for _, other in ipairs({ 'd', 'o', 's' }) do
    if other ~= class then redis.call('ZREM', JUDGED .. other, unpack(devices)) end
  end
  redis.call('ZADD', key, unpack(members))
  redis.call('ZREMRANGEBYRANK', key, 0, -${JUDGED_LIMIT + 1})
  redis.call('PEXPIRE', key, whole(settings.slow.windowMs))
end
-- Where the memory begins.
local function judgedSince()
  local from = now - settings.slow.windowMs
  if redis.call('ZCARD', JUDGED .. 'd') >= ${JUDGED_LIMIT} then
    from = math.max(from, tonumber(redis.call('ZRANGE', JUDGED .. 'd', 0, 0, 'WITHSCORES')[2]))
  end
  return from
end
-- The highest share of the class's rejections in all devices judged over any span that ends now and has \`least\` of them.
local function slowShare(class, least)
  local highest = 0
  local bad = redis.call('ZREVRANGEBYSCORE', JUDGED .. class, '+inf', whole(judgedSince()), 'WITHSCORES')
  for count = least, #bad / 2 do
    local good = redis.call('ZCOUNT', JUDGED .. 'd', bad[2 * count], '+inf')
    highest = math.max(highest, count / (count + good))
  end
  return highest
end
-- The share when they are too many.
local function tooManySlowly(class)
  if not settings.slow or redis.call('EXISTS', TRUSTED_SLOW) == 1 then return nil end
  local share = slowShare(class, settings.slow.floor)
  return share > settings.slow.share and share or nil
end
-- Half-way to a storm, by its share: this is no time to learn what is usual.
local function doubtful(class)
  return settings.slow ~= nil and slowShare(class, 1) >= settings.slow.share / 2
end
-- The slow look believes them too.
local function trustSlowly()
  redis.call('SET', TRUSTED_SLOW, '1', 'PX', ${TRUSTED_SLOW_MS})
end
local function forgetJudged()
  redis.call('DEL', JUDGED .. 'd', JUDGED .. 'o', JUDGED .. 's')
end
`;
