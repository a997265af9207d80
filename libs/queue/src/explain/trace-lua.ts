/** With the hash of an event behind it: what is remembered of its dispatches. */
export const TRACE = 'trace:';
/** What is remembered, oldest last: `EVENT:id`. */
export const TRACE_ORDER = 'trace-order';
/** Behind an id: how the dispatch ended. Behind the hash of a device: its duplicates, and when it was told to be dead. */
export const TRACE_END = '.end';
export const TRACE_DUPLICATES = '.duplicates';
export const TRACE_DUPLICATE_AT = '.duplicate-at';
export const TRACE_TOLD = '.told';

/**
 * What became of the pushes of an event, for whoever asks why a device did not get one: a hash for each event, in the scripts
 * that accept and end a dispatch. At most \`traceMax\` dispatches of an app are remembered (the oldest go first) and none longer
 * than \`traceKeep\` milliseconds. Needs the locals \`base\`, \`traceKeep\` and \`traceMax\` (0: nothing is remembered).
 */
export const traceLua = `
local function traceNote(eventHash, id, value)
  if eventHash == '' or traceMax <= 0 then return end
  local key, order = base .. '${TRACE}' .. eventHash, base .. '${TRACE_ORDER}'
  redis.call('HSET', key, id, value)
  redis.call('PEXPIRE', key, traceKeep)
  local length = redis.call('LPUSH', order, eventHash .. ':' .. id)
  for _ = 1, math.min(length - traceMax, 10) do
    local event, oldest = string.match(redis.call('RPOP', order) or '', '^([^:]*):(.*)$')
    if event then redis.call('HDEL', base .. '${TRACE}' .. event, oldest, oldest .. '${TRACE_END}') end
  end
end
local function traceAccepted(eventHash, id, device, now, ingress)
  traceNote(eventHash, id, device .. '|' .. string.format('%.0f', now) .. '|' .. ingress)
end
local function traceTold(eventHash, device, now)
  traceNote(eventHash, device .. '${TRACE_TOLD}', string.format('%.0f', now))
end
-- A duplicate adds to what is remembered and makes nothing new.
local function traceDuplicate(eventHash, device, now)
  if eventHash == '' or traceMax <= 0 then return end
  local key = base .. '${TRACE}' .. eventHash
  if redis.call('EXISTS', key) == 0 then return end
  redis.call('HINCRBY', key, device .. '${TRACE_DUPLICATES}', 1)
  redis.call('HSET', key, device .. '${TRACE_DUPLICATE_AT}', string.format('%.0f', now))
end
`;

/** For the scripts that end a dispatch: an entry that was forgotten is not made again. Needs a local `base`. */
export const traceEndLua = `
local function traceEnded(eventHash, id, ended)
  if eventHash == '' then return end
  local key = base .. '${TRACE}' .. eventHash
  if redis.call('HEXISTS', key, id) == 1 then redis.call('HSET', key, id .. '${TRACE_END}', ended) end
end
`;
