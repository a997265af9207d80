import { CAUSE_SEPARATOR, FAILED, FAILED_CAUSES, FAILED_INDEX, LAST_CAUSE, MAX_CAUSES, MOST_ATTEMPTS, OTHER_ANSWER } from './failed-keys';

/**
 * The index of the failed set, inside the scripts that change the set, so that no look at it walks a million jobs. It is one
 * sorted set in alphabetical order, with up to four entries for a job:
 *
 *     c:CAUSE:TIME:id   e:EVENT:CAUSE:TIME:id   r:ROOM:CAUSE:TIME:id   d:DEVICE:CAUSE:TIME:id
 *
 * CAUSE is the number of why it failed (outcome, reason, provider's status and reason, attempts; `failed:causes` has the
 * numbers), TIME when, in 13 digits of milliseconds. What a filter asks for is then a handful of unbroken stretches, each in
 * the order of time: counted without being read, and read from anywhere.
 *
 * The entries are computed from the job alone (letter, attempts, envelope), which does not change while it is failed: leaving
 * computes them again. Needs a local `base`.
 */
export const failedIndexLua = `
local failedKey, causesKey, indexKey = base .. '${FAILED}', base .. '${FAILED_CAUSES}', base .. '${FAILED_INDEX}'
local function failedLetter(letter)
  local ok, said = pcall(cjson.decode, letter)
  if ok and type(said) == 'table' and type(said.reason) == 'string' and (said.outcome == 'dead' or said.outcome == 'expired') then
    return said
  end
  -- Not ours, but BullMQ's: as parseDeadLetter has it.
  return { outcome = 'dead', reason = string.find(letter, 'stalled', 1, true) and 'stalled' or 'crashed' }
end
-- The cause, and what it is counted as when there are too many.
local function failedCauses(letter, attempts)
  local said = failedLetter(letter)
  local status = type(said.provider_status) == 'number' and string.format('%.0f', said.provider_status) or ''
  local answer = type(said.provider_reason) == 'string' and said.provider_reason or ''
  local function cause(status, answer)
    local parts = { said.outcome, said.reason, status, answer }
    for i = 1, #parts do parts[i] = string.gsub(parts[i], '[%z\\1-\\31\\127]', ' ') end
    parts[#parts + 1] = math.min(tonumber(attempts) or 0, ${MOST_ATTEMPTS})
    return table.concat(parts, '${CAUSE_SEPARATOR}')
  end
  return cause(status, answer), cause('', '${OTHER_ANSWER}')
end
-- What of the data is in the clear stands first, and holds no brace; what a stranger wrote comes after one.
local function failedEnvelope(data)
  return string.match(data, '^{[^{}]*') or ''
end
local function failedTerms(envelope)
  local terms = { 'c' }
  for letter, name in pairs({ d = 'deviceHash', e = 'eventHash', r = 'roomHash' }) do
    local hash = string.match(envelope, '[{,]"' .. name .. '":"([%w_-]+)"')
    if hash then terms[#terms + 1] = letter .. ':' .. hash end
  end
  return terms
end
local function failedTail(id, failedAt)
  return ':' .. string.format('%013.0f', failedAt) .. ':' .. id
end
local function failedJob(id)
  local job = redis.call('HMGET', base .. id, 'failedReason', 'atm', 'data')
  local cause, other = failedCauses(job[1] or '', job[2])
  return cause, other, failedTerms(failedEnvelope(job[3] or ''))
end
-- Of a cause and of what it is counted as; nil: none was ever counted.
local function failedCauseNumber(cause)
  return redis.call('HGET', causesKey, cause)
end
local function failedNewCause(cause, other)
  if redis.call('HLEN', causesKey) >= ${MAX_CAUSES} then
    cause = other
    local number = failedCauseNumber(cause)
    if number then return number end
  end
  local number = redis.call('HINCRBY', causesKey, '${LAST_CAUSE}', 1)
  redis.call('HSET', causesKey, cause, number)
  return number
end
-- After the job went into the failed set.
local function failedAdd(id, failedAt)
  local cause, other, terms = failedJob(id)
  local number = failedCauseNumber(cause) or failedNewCause(cause, other)
  for _, term in ipairs(terms) do
    redis.call('ZADD', indexKey, 0, term .. ':' .. number .. failedTail(id, failedAt))
  end
end
-- Before the job leaves the failed set.
local function failedDrop(id)
  local failedAt = redis.call('ZSCORE', failedKey, id)
  if not failedAt then return end
  local cause, other, terms = failedJob(id)
  local tail = failedTail(id, tonumber(failedAt))
  for _, counted in ipairs({ cause, other }) do
    local number = failedCauseNumber(counted)
    if number and redis.call('ZREM', indexKey, 'c:' .. number .. tail) == 1 then
      for _, term in ipairs(terms) do redis.call('ZREM', indexKey, term .. ':' .. number .. tail) end
      if redis.call('ZLEXCOUNT', indexKey, '[c:' .. number .. ':', '(c:' .. number .. ';') == 0 then
        redis.call('HDEL', causesKey, counted)
      end
      return
    end
  end
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
