/** With the hash of an event behind it: what is remembered of its pushes, by the hash of the device. */
export const TRACE = 'trace:';
/** What is remembered, oldest last: `EVENT:DEVICE:TIME`. */
export const TRACE_ORDER = 'trace-order';
/** In the place of a dispatch's id: the homeserver was told that the pushkey is dead. */
export const TOLD = 'told';
/** Records of one event for one device; a homeserver that sends it again and again pushes the oldest out. */
const MAX_RECORDS = 8;
/** Beside those of this run, so many that are too old or too many are forgotten in one run. */
const FORGET_AT_ONCE = 10;

/**
 * What became of the pushes of an event, for whoever asks why a device did not get one. A hash for each event has a field for each
 * device: a line for each of its dispatches, and one for having been told that the pushkey is dead,
 *
 *     ID|ACCEPTED AT|INGRESS|DUPLICATES|LAST DUPLICATE AT|ENDS
 *
 * ENDS is how it ended (see attempt-history.ts); after a replay how it had ended before, a tab, and how it ended then. Hashes hold
 * letters, digits, - and _ only, and JSON escapes tabs and newlines: nothing that a stranger sent can make a line or a part of one.
 *
 * See ADR 0021. Needs a local `base`.
 */
export const recordsLua = `
local function traceRead(value)
  local records = {}
  for line in string.gmatch(value or '', '[^\\n]+') do
    local id, at, ingress, again, last, ends = string.match(line, '^([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|(.*)$')
    if id then records[#records + 1] = { id, at, ingress, again, last, ends } end
  end
  return records
end
local function traceWrite(key, device, records)
  if #records == 0 then return redis.call('HDEL', key, device) end
  local lines = {}
  for i = math.max(1, #records - ${MAX_RECORDS - 1}), #records do lines[#lines + 1] = table.concat(records[i], '|') end
  redis.call('HSET', key, device, table.concat(lines, '\\n'))
end
-- The newest that is meant; what was forgotten is not made again.
local function traceChange(eventHash, device, isMeant, change)
  local key = base .. '${TRACE}' .. eventHash
  local records = traceRead(redis.call('HGET', key, device))
  for i = #records, 1, -1 do
    if isMeant(records[i]) then
      change(records[i])
      traceWrite(key, device, records)
      return true
    end
  end
  return false
end
`;

/**
 * For the script that accepts dispatches; `traceSettle` is to be called at its end. Of an app at most `traceMax` are remembered (the
 * oldest go first) and none longer than `traceKeep` milliseconds: every record has its entry in the order, which is not shorter than
 * what is remembered. Needs the locals `base`, `traceKeep` and `traceMax` (0: nothing is remembered).
 */
export const traceLua = `${recordsLua}
local traceNotes, traceTouched = {}, {}
local function traceNote(eventHash, device, id, now, ingress)
  local key, at = base .. '${TRACE}' .. eventHash, string.format('%.0f', now)
  local line = table.concat({ id, at, ingress, '', '', '' }, '|')
  if redis.call('HSETNX', key, device, line) == 0 then
    local records = traceRead(redis.call('HGET', key, device))
    records[#records + 1] = { id, at, ingress, '', '', '' }
    traceWrite(key, device, records)
  end
  traceTouched[key] = true
  traceNotes[#traceNotes + 1] = table.concat({ eventHash, device, at }, ':')
end
local function traceAgain(now)
  return function(record)
    record[4], record[5] = string.format('%.0f', (tonumber(record[4]) or 0) + 1), string.format('%.0f', now)
  end
end
local function traceAccepted(eventHash, device, id, now, ingress)
  if eventHash ~= '' and traceMax > 0 then traceNote(eventHash, device, id, now, ingress) end
end
-- Having been told once more makes nothing new: a homeserver that goes on and on does not push the others out.
local function traceTold(eventHash, device, now, ingress)
  if eventHash == '' or traceMax <= 0 then return end
  local function isTold(record) return record[1] == '${TOLD}' end
  if not traceChange(eventHash, device, isTold, traceAgain(now)) then traceNote(eventHash, device, '${TOLD}', now, ingress) end
end
local function traceDuplicate(eventHash, device, now)
  if eventHash == '' or traceMax <= 0 then return end
  traceChange(eventHash, device, function(record) return record[1] ~= '${TOLD}' end, traceAgain(now))
end
local function traceForget(entry)
  local eventHash, device, at = string.match(entry, '^([^:]*):([^:]*):(.*)$')
  if not eventHash then return end
  local key, younger = base .. '${TRACE}' .. eventHash, {}
  local value = redis.call('HGET', key, device)
  if not value then return end
  for _, record in ipairs(traceRead(value)) do
    if (tonumber(record[2]) or 0) > tonumber(at) then younger[#younger + 1] = record end
  end
  traceWrite(key, device, younger)
end
local function traceSettle(now)
  if #traceNotes == 0 then return end
  local order = base .. '${TRACE_ORDER}'
  local length = redis.call('LPUSH', order, unpack(traceNotes))
  redis.call('PEXPIRE', order, traceKeep)
  for key in pairs(traceTouched) do redis.call('PEXPIRE', key, traceKeep) end
  for _ = 1, #traceNotes + ${FORGET_AT_ONCE} do
    local oldest = redis.call('LINDEX', order, -1)
    if not oldest then return end
    local at = tonumber(string.match(oldest, ':(%d+)$')) or 0
    if length <= traceMax and at > now - traceKeep then return end
    redis.call('RPOP', order)
    traceForget(oldest)
    length = length - 1
  end
end
`;

/** For the scripts that end a dispatch. Needs a local `base`. */
export const traceEndLua = `${recordsLua}
local function traceEnded(eventHash, device, id, ended)
  if eventHash == '' or device == '' then return end
  traceChange(eventHash, device, function(record) return record[1] == id end, function(record)
    -- It had ended and was sent again.
    local before = string.match(record[6], '[^\\t]*$')
    record[6] = before == '' and ended or before .. '\\t' .. ended
  end)
end
`;

/**
 * For a replay: how other dispatches of the same event and device stand. Needs a local `base`. `traceOther`: whether the device had
 * one, or will, perhaps. `traceFate` of one: `delivered`, `ended` (otherwise), `open`, or nil: it is not remembered.
 */
export const traceOtherLua = `${recordsLua}
local function traceOther(eventHash, device, id)
  if eventHash == '' or device == '' then return false end
  for _, record in ipairs(traceRead(redis.call('HGET', base .. '${TRACE}' .. eventHash, device))) do
    if record[1] ~= id and record[1] ~= '${TOLD}' then
      if string.find(record[6], '["delivered"', 1, true) then return true end
      local exists = redis.call('EXISTS', base .. record[1]) == 1
      if exists and not redis.call('ZSCORE', base .. 'failed', record[1]) then return true end
    end
  end
  return false
end
local function traceFate(eventHash, device, id)
  if eventHash == '' or device == '' then return nil end
  for _, record in ipairs(traceRead(redis.call('HGET', base .. '${TRACE}' .. eventHash, device))) do
    if record[1] == id then
      if record[6] == '' then return 'open' end
      return string.find(record[6], '["delivered"', 1, true) and 'delivered' or 'ended'
    end
  end
  return nil
end
`;
