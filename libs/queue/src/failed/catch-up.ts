import type { RedisClient } from '../connect-redis';
import { createScript } from '../script';
import { failedIndexLua } from './failed-index-lua';
import { FAILED_CATCH_UP, LAST_CAUSE } from './failed-keys';

/** Entries that one run looks at: about 3 ms, in which Redis serves nobody else. */
const BATCH = 200;

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

-- The entries of a job under either of its causes, as a set.
local function entriesOf(id, failedAt)
  local cause, other, terms = failedJob(id)
  local entries = {}
  for _, counted in ipairs({ cause, other }) do
    local number = failedCauseNumber(counted)
    for _, term in ipairs(number and terms or {}) do entries[term .. ':' .. number .. failedTail(id, failedAt)] = true end
  end
  return entries
end
local function isIndexed(id, failedAt)
  for entry in pairs(entriesOf(id, failedAt)) do
    if string.sub(entry, 1, 2) == 'c:' and redis.call('ZSCORE', indexKey, entry) then return true end
  end
  return false
end
local function isWanted(entry)
  local id = string.match(entry, ':%d%d%d%d%d%d%d%d%d%d%d%d%d:(.*)$')
  local failedAt = id and redis.call('ZSCORE', failedKey, id)
  return failedAt and entriesOf(id, tonumber(failedAt))[entry]
end

local reply = redis.call('ZSCAN', phase == 'set' and failedKey or indexKey, cursor, 'COUNT', ${BATCH})
cursor = reply[1]
for i = 1, #reply[2], 2 do
  local member = reply[2][i]
  if phase == 'set' then
    local failedAt = tonumber(reply[2][i + 1])
    if not isIndexed(member, failedAt) then failedAdd(member, failedAt) end
  elseif not isWanted(member) then
    redis.call('ZREM', indexKey, member)
  end
end
if cursor == '0' and phase == 'index' then
  redis.call('DEL', progressKey)
  local causes = redis.call('HGETALL', causesKey)
  for i = 1, #causes, 2 do
    local number = causes[i + 1]
    if causes[i] ~= '${LAST_CAUSE}' and redis.call('ZLEXCOUNT', indexKey, '[c:' .. number .. ':', '(c:' .. number .. ';') == 0 then
      redis.call('HDEL', causesKey, causes[i])
    end
  end
  return 0
end
redis.call('HSET', progressKey, 'phase', cursor == '0' and 'index' or phase, 'cursor', cursor)
return 1
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
