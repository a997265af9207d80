import { CAUSE_SEPARATOR, FAILED, FAILED_BY, FAILED_CAUSES, FAILED_TERMS, MAX_CAUSES, MOST_ATTEMPTS } from './failed-keys';

/**
 * The index of the failed set, inside the scripts that change the set, so that no look at it walks a million jobs:
 * - `failed:causes`, a hash: how many failed for a cause (outcome, reason, provider's status and reason, attempts);
 * - `failed:by:CAUSE`, a sorted set: which ones, by the time at which they failed;
 * - `failed:terms`, a sorted set in alphabetical order: `d:DEVICE:id`, `e:EVENT:id`, `r:ROOM:id` for what is asked by hash.
 *
 * An entry is computed from the job alone (letter, attempts, envelope), which does not change while it is failed: leaving
 * computes it again. Needs a local `base`.
 */
export const failedIndexLua = `
local failedKey, causesKey, termsKey = base .. '${FAILED}', base .. '${FAILED_CAUSES}', base .. '${FAILED_TERMS}'
local function failedCause(letter, attempts)
  local ok, said = pcall(cjson.decode, letter)
  if not ok or type(said) ~= 'table' then said = { outcome = 'dead', reason = string.find(letter, 'stalled', 1, true) and 'stalled' or 'crashed' } end
  return table.concat({ tostring(said.outcome), tostring(said.reason), tostring(said.provider_status or ''),
    tostring(said.provider_reason or ''), math.min(tonumber(attempts or 0), ${MOST_ATTEMPTS}) }, '${CAUSE_SEPARATOR}')
end
-- What of the data is in the clear stands first, and holds no brace; what a stranger wrote comes after one.
local function failedTerms(id, data)
  local envelope, terms = string.match(data, '^{[^{}]*') or '', {}
  for letter, name in pairs({ d = 'deviceHash', e = 'eventHash', r = 'roomHash' }) do
    local hash = string.match(envelope, '"' .. name .. '":"([%w_-]+)"')
    if hash then terms[#terms + 1] = letter .. ':' .. hash .. ':' .. id end
  end
  return terms
end
local function failedJob(id)
  local job = redis.call('HMGET', base .. id, 'failedReason', 'atm', 'data')
  return failedCause(job[1] or '', job[2]), failedTerms(id, job[3] or '')
end
-- After the job went into the failed set.
local function failedAdd(id, failedAt)
  local cause, terms = failedJob(id)
  if redis.call('HEXISTS', causesKey, cause) == 0 and redis.call('HLEN', causesKey) >= ${MAX_CAUSES} then cause = 'other' end
  redis.call('HINCRBY', causesKey, cause, 1)
  redis.call('ZADD', base .. '${FAILED_BY}' .. cause, failedAt, id)
  for _, term in ipairs(terms) do redis.call('ZADD', termsKey, 0, term) end
end
-- Before the job leaves the failed set.
local function failedDrop(id)
  local cause, terms = failedJob(id)
  if redis.call('ZREM', base .. '${FAILED_BY}' .. cause, id) == 0 then
    cause = 'other'
    if redis.call('ZREM', base .. '${FAILED_BY}' .. cause, id) == 0 then return end
  end
  if redis.call('HINCRBY', causesKey, cause, -1) <= 0 then redis.call('HDEL', causesKey, cause) end
  for _, term in ipairs(terms) do redis.call('ZREM', termsKey, term) end
end
-- Removes what is too old or too much, the oldest first, at most so many at a time.
local function failedTrim(now, maxAge, maxCount, most)
  local surplus = math.min(redis.call('ZCARD', failedKey) - maxCount, most)
  local old = surplus > 0 and redis.call('ZRANGE', failedKey, 0, surplus - 1) or {}
  if #old < most then
    local aged = redis.call('ZRANGEBYSCORE', failedKey, '-inf', now - maxAge, 'LIMIT', #old, most - #old)
    for _, id in ipairs(aged) do old[#old + 1] = id end
  end
  for _, id in ipairs(old) do
    failedDrop(id)
    redis.call('ZREM', failedKey, id)
    redis.call('DEL', base .. id, base .. id .. ':logs')
  end
  return #old
end
`;
