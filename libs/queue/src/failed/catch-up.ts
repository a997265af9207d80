import type { RedisClient } from '../connect-redis';
import { createScript } from '../script';
import { failedIndexLua } from './failed-index-lua';
import { FAILED_CATCH_UP, LAST_CAUSE } from './failed-keys';

/** Entries that one run looks at: some 10 ms, in which Redis serves nobody else. */
const BATCH = 100;

/**
 * Makes the index one with a failed set that was changed without it: by a version that did not have it, or by hand. When their sizes
 * differ, the set is read through for what is missing in the index, then the index for what is not in the set, a batch
 * at a time; whoever comes next goes on from there. What fails meanwhile is indexed anyway.
 *
 * Returns 1 when there is more to do.
 */
const CATCH_UP = createScript(`
local base = KEYS[1]
${failedIndexLua}
local progressKey = base .. '${FAILED_CATCH_UP}'
local phase, cursor = unpack(redis.call('HMGET', progressKey, 'phase', 'cursor'))
if not phase then
  if redis.call('ZCARD', failedKey) == redis.call('ZLEXCOUNT', indexKey, '[c:', '(c;') then return 0 end
  phase, cursor = 'set', '0'
end
local function goOn(phase, cursor)
  redis.call('HSET', progressKey, 'phase', phase, 'cursor', cursor)
  return 1
end

-- The entry of a job by its cause, under the number of either cause; nil: there is none.
local function entryOf(id, failedAt)
  local cause, other = failedJob(id)
  for _, counted in ipairs({ cause, other }) do
    local number = failedCauseNumber(counted)
    local entry = number and 'c:' .. number .. failedTail(id, failedAt)
    if entry and redis.call('ZSCORE', indexKey, entry) then return entry end
  end
end
if phase == 'set' then
  local reply = redis.call('ZSCAN', failedKey, cursor, 'COUNT', ${BATCH})
  for i = 1, #reply[2], 2 do
    local id, failedAt = reply[2][i], tonumber(reply[2][i + 1])
    if not entryOf(id, failedAt) then failedAdd(id, failedAt) end
  end
  if reply[1] == '0' then return goOn('index', '') end
  return goOn('set', reply[1])
end

-- Those by cause come first in the alphabet: an entry by term is right when the one by cause is still there.
local function isWanted(entry)
  local kind, number, tail, id = string.match(entry, '^(%a):.-(%d+)(:%d%d%d%d%d%d%d%d%d%d%d%d%d:(.*))$')
  if not kind then return false end
  if kind ~= 'c' then return redis.call('ZSCORE', indexKey, 'c:' .. number .. tail) end
  local failedAt = redis.call('ZSCORE', failedKey, id)
  return failedAt and entryOf(id, tonumber(failedAt)) == entry
end
local entries = redis.call('ZRANGEBYLEX', indexKey, cursor == '' and '-' or '(' .. cursor, '+', 'LIMIT', 0, ${BATCH})
for _, entry in ipairs(entries) do
  if not isWanted(entry) then redis.call('ZREM', indexKey, entry) end
end
if #entries == ${BATCH} then return goOn('index', entries[#entries]) end
redis.call('DEL', progressKey)
local causes = redis.call('HGETALL', causesKey)
for i = 1, #causes, 2 do
  local number = causes[i + 1]
  if causes[i] ~= '${LAST_CAUSE}' and redis.call('ZLEXCOUNT', indexKey, '[c:' .. number .. ':', '(c:' .. number .. ';') == 0 then
    redis.call('HDEL', causesKey, causes[i])
  end
end
return 0
`);

/** How long one go may take, in milliseconds: the rest has time until the next one. */
const GO_MS = 250;

/**
 * Goes on making the index one with the failed set, for a while. Every dispatcher may call it, and does with every sweep.
 * Rejects when Redis does.
 *
 * @param base - the app's key base
 */
export async function catchUpFailed(redis: RedisClient, base: string): Promise<void> {
  const begunAt = performance.now();
  let isBehind: boolean;
  do {
    isBehind = (await CATCH_UP.run(redis, base, [])) === 1;
  } while (isBehind && performance.now() - begunAt < GO_MS);
}
