import { createScript } from '../script';
import { CAUSE_SEPARATOR, FAILED, FAILED_CAUSES, FAILED_INDEX, REPLAYED_FIELD } from './failed-keys';
import { TIME_DIGITS } from './failed-place';

/**
 * The stretches of the index that a filter means: one for each cause. ARGV[1] the filter as JSON, in which only what is asked
 * for stands: `outcome`, `reason`, `status`, `answer` ('' for none), `least` and `most` attempts, and `heads`: how the entries begin
 * (`c`, or terms as `e:HASH`, all of which must hold); ARGV[2] and ARGV[3] from and to, as places (`TIME:id`) with their brackets.
 * Of several terms the rarest is the stretch, and `others` has how the entries of the others begin; a cause that one of them does
 * not have has no stretch.
 */
const STRETCHES = `
local base, filter = KEYS[1], cjson.decode(ARGV[1])
local indexKey = base .. '${FAILED_INDEX}'
local function boundsOf(prefix)
  return string.sub(ARGV[2], 1, 1) .. prefix .. string.sub(ARGV[2], 2), string.sub(ARGV[3], 1, 1) .. prefix .. string.sub(ARGV[3], 2)
end
local function stretchOf(cause, number)
  local prefixes, rarest, least = {}, 1, nil
  for i, head in ipairs(filter.heads) do
    prefixes[i] = head .. ':' .. number .. ':'
    if #filter.heads > 1 then
      local count = redis.call('ZLEXCOUNT', indexKey, boundsOf(prefixes[i]))
      if count == 0 then return nil end
      if not least or count < least then rarest, least = i, count end
    end
  end
  local prefix = table.remove(prefixes, rarest)
  local from, to = boundsOf(prefix)
  return { cause = cause, number = tonumber(number), prefix = prefix, others = prefixes, from = from, to = to }
end
local function isAsked(asked, found) return asked == nil or asked == found end
local stretches = {}
local causes = redis.call('HGETALL', base .. '${FAILED_CAUSES}')
for i = 1, #causes, 2 do
  local outcome, reason, status, answer, attempts = string.match(causes[i],
    '^(.-)${CAUSE_SEPARATOR}(.-)${CAUSE_SEPARATOR}(.-)${CAUSE_SEPARATOR}(.-)${CAUSE_SEPARATOR}(%d+)$')
  if outcome and isAsked(filter.outcome, outcome) and isAsked(filter.reason, reason) and isAsked(filter.status, status)
    and isAsked(filter.answer, answer) and tonumber(attempts) >= filter.least and tonumber(attempts) <= filter.most then
    stretches[#stretches + 1] = stretchOf(causes[i], causes[i + 1])
  end
end
local function hasOthers(stretch, place)
  for _, prefix in ipairs(stretch.others) do
    if not redis.call('ZSCORE', indexKey, prefix .. place) then return false end
  end
  return true
end
`;

/**
 * How many failed, by cause, where one term at most is asked for. ARGV as above. Returns for each cause with any: cause, count, first
 * and last place.
 */
export const COUNT_BY_CAUSE = createScript(`
${STRETCHES}
local found = {}
for _, stretch in ipairs(stretches) do
  local count = redis.call('ZLEXCOUNT', indexKey, stretch.from, stretch.to)
  if count > 0 then
    local function placeAt(command, one, other)
      return string.sub(redis.call(command, indexKey, one, other, 'LIMIT', 0, 1)[1], #stretch.prefix + 1)
    end
    found[#found + 1] = { stretch.cause, count, placeAt('ZRANGEBYLEX', stretch.from, stretch.to), placeAt('ZREVRANGEBYLEX', stretch.to, stretch.from) }
  end
end
return found
`);

/** So many times the places that are looked at may be read of another term, instead of one by one. */
const FEW_TIMES = 3;

/**
 * The same where several terms must hold: the places of the rarest are looked at, cause by cause in the order of their numbers, and
 * nothing of the jobs. ARGV as above, then places to look at, and where to go on: number of a cause (0: at the beginning), and the
 * last place of it that was looked at. Returns where to go on (0: all were looked at), and what was found.
 */
export const COUNT_TOGETHER = createScript(`
${STRETCHES}
local budget, number, last = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
table.sort(stretches, function(one, other) return one.number < other.number end)

-- Whether the others have these places of a stretch. Where they have not many more between the first and the last of them, all of
-- those are read at once: a command for each place takes several times as long.
local function holder(stretch, members)
  local from, to = string.sub(members[1], #stretch.prefix + 1), string.sub(members[#members], #stretch.prefix + 1)
  local looks = {}
  for i, prefix in ipairs(stretch.others) do
    if redis.call('ZLEXCOUNT', indexKey, '[' .. prefix .. from, '[' .. prefix .. to) <= ${FEW_TIMES} * #members then
      local known = {}
      for _, member in ipairs(redis.call('ZRANGEBYLEX', indexKey, '[' .. prefix .. from, '[' .. prefix .. to)) do known[member] = true end
      looks[i] = function(place) return known[prefix .. place] end
    else
      looks[i] = function(place) return redis.call('ZSCORE', indexKey, prefix .. place) end
    end
  end
  return function(place)
    for _, look in ipairs(looks) do
      if not look(place) then return false end
    end
    return true
  end
end
local found = {}
for _, stretch in ipairs(stretches) do
  if stretch.number >= number then
    if stretch.number == number and last ~= '' then stretch.from = '(' .. stretch.prefix .. last end
    local count, first, final = 0, '', ''
    local members = redis.call('ZRANGEBYLEX', indexKey, stretch.from, stretch.to, 'LIMIT', 0, budget)
    local hold = members[1] and holder(stretch, members)
    for _, member in ipairs(members) do
      local place = string.sub(member, #stretch.prefix + 1)
      if hold(place) then
        if count == 0 then first = place end
        count, final = count + 1, place
      end
    end
    if count > 0 then found[#found + 1] = { stretch.cause, count, first, final } end
    if #members == budget then return { stretch.number, string.sub(members[#members], #stretch.prefix + 1), found } end
    budget = budget - #members
  end
end
return { 0, '', found }
`);

/**
 * A page of places in order, merged from all stretches; no more of any of them is read than the page can hold. ARGV as above,
 * then 'newest' or 'oldest' first; places to return; places to look at. Returns whether there may be more, the last place that was
 * looked at, and the places.
 */
export const READ_PAGE = createScript(`
${STRETCHES}
local isNewest, limit, budget = ARGV[4] == 'newest', tonumber(ARGV[5]), tonumber(ARGV[6])

local function refill(source)
  local members
  if isNewest then
    members = redis.call('ZREVRANGEBYLEX', indexKey, source.to, source.from, 'LIMIT', 0, source.chunk)
    source.to = '(' .. (members[#members] or '')
  else
    members = redis.call('ZRANGEBYLEX', indexKey, source.from, source.to, 'LIMIT', 0, source.chunk)
    source.from = '(' .. (members[#members] or '')
  end
  source.members, source.at, source.chunk = members, 0, source.chunk * 2
end
-- To the next place; false: there is none.
local function advance(source)
  if source.at == #source.members then refill(source) end
  source.at = source.at + 1
  local member = source.members[source.at]
  if not member then return false end
  source.place = string.sub(member, #source.prefix + 1)
  source.time = tonumber(string.sub(source.place, 1, ${TIME_DIGITS}))
  return true
end
-- Byte by byte, as the index has it: Lua's own comparison follows the server's locale.
local function isBelow(one, other)
  for i = 1, math.min(#one, #other) do
    local a, b = string.byte(one, i), string.byte(other, i)
    if a ~= b then return a < b end
  end
  return #one < #other
end
local function goesFirst(one, other)
  if one.time ~= other.time then return (one.time > other.time) == isNewest end
  return isBelow(one.place, other.place) ~= isNewest
end

-- A heap of the sources, the one whose place comes next on top.
local heap = {}
local function sink(i)
  while true do
    local first = i
    for child = 2 * i, 2 * i + 1 do
      if heap[child] and goesFirst(heap[child], heap[first]) then first = child end
    end
    if first == i then return end
    heap[i], heap[first], i = heap[first], heap[i], first
  end
end
for _, source in ipairs(stretches) do
  source.members, source.at, source.chunk = {}, 0, math.max(1, math.ceil(limit / #stretches))
  if advance(source) then heap[#heap + 1] = source end
end
for i = math.floor(#heap / 2), 1, -1 do sink(i) end

local places, last = {}, ''
while heap[1] and #places < limit and budget > 0 do
  local source = heap[1]
  budget, last = budget - 1, source.place
  if hasOthers(source, source.place) then places[#places + 1] = source.place end
  if not advance(source) then
    heap[1] = heap[#heap]
    heap[#heap] = nil
  end
  if heap[1] then sink(1) end
end
return { heap[1] and 1 or 0, last, places }
`);

/**
 * ARGV: ids. Returns for each that is failed what a list shows of it: id, when it failed, letter, attempts, how often it was
 * replayed, then kind, times and hashes of its envelope; '' for what there is not.
 */
export const READ_ITEMS = createScript(`
local base, items = KEYS[1], {}
for _, id in ipairs(ARGV) do
  local failedAt = redis.call('ZSCORE', base .. '${FAILED}', id)
  if failedAt then
    local job = redis.call('HMGET', base .. id, 'failedReason', 'atm', '${REPLAYED_FIELD}', 'data')
    -- What of the data is in the clear stands first, and holds no brace; what a stranger wrote comes after one.
    local envelope = string.match(job[4] or '', '^{[^{}]*') or ''
    local function field(name, pattern) return string.match(envelope, '[{,]"' .. name .. '":' .. pattern) or '' end
    items[#items + 1] = { id, string.format('%.0f', tonumber(failedAt)), job[1] or '', job[2] or '0', job[3] or '0',
      field('acceptedAt', '(%d+)'), field('deadline', '(%d+)'),
      field('eventHash', '"([%w_-]+)"'), field('roomHash', '"([%w_-]+)"'), field('deviceHash', '"([%w_-]+)"') }
  end
end
return items
`);

/** Fields of a job, beside those of a list, that say nothing of its content. */
export const RAW_FIELDS = ['timestamp', 'processedOn', 'finishedOn', 'atm', 'ats', 'stc', 'priority', 'faults', 'alone', 'replay', 'replayed'] as const;

/** ARGV: id. Returns nothing when it is not failed, else its data, its stacktrace and the raw fields; '' for what there is not. */
export const READ_JOB = createScript(`
local base, id = KEYS[1], ARGV[1]
if not redis.call('ZSCORE', base .. '${FAILED}', id) then return false end
local job = redis.call('HMGET', base .. id, 'data', 'stacktrace', ${RAW_FIELDS.map((field) => `'${field}'`).join(', ')})
for i = 1, ${RAW_FIELDS.length + 2} do job[i] = job[i] or '' end
return job
`);
