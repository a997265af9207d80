/**
 * For scripts that end a dispatch which no worker has in its hands: its job goes into the failed set with a letter. Needs the locals
 * `base` and `now`, the Lua of the failed index and of the trace. Returns nothing; the ledger is the caller's.
 */
export const buryLua = `
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
  redis.call('HSET', base .. id, 'failedReason', cjson.encode(letter), 'finishedOn', string.format('%.0f', now))
  redis.call('ZADD', base .. 'failed', now, id)
  failedAdd(id, now)
  local function named(name) return string.match(failedEnvelope(data), '[{,]"' .. name .. '":"([%w_-]+)"') or '' end
  -- As encodeEnd has it.
  traceEnded(named('eventHash'), named('deviceHash'), id, cjson.encode({ letter.outcome, letter.reason, now, tonumber(job[2]) or 0,
    letter.provider_status or cjson.null, letter.provider_reason or cjson.null }))
end
`;
