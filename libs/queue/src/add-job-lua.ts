/**
 * Attempts that BullMQ allows a job. Not a limit of ours (a push ends by its deadline, not by a number of tries), but
 * BullMQ asks for one.
 */
export const UNLIMITED_ATTEMPTS = 1_000_000;

/**
 * BullMQ runs a job without a priority before any with one, so that the lane of the many costs no sorted set. The number
 * leaves room below it for the fresher ones of an outage.
 */
export const LOW_PRIORITY = 1_000_000;

/**
 * How many events of an app's queue BullMQ keeps in its stream: none, because nobody reads them. BullMQ's default of 10,000
 * took 650 KB of an app, and writing them an eighth of the admission's time. A queue whose `meta` asks for some (`opts.maxLenEvents`, as
 * BullMQ's own classes and older versions write it) gets them; the relay's processes say none when they start.
 */
export const EVENTS_KEPT = 0;

/** Of every job; BullMQ keeps them with it. */
export const JOB_OPTIONS = { attempts: UNLIMITED_ATTEMPTS, backoff: { type: 'outcome' } } as const;

/**
 * A job as BullMQ's own scripts `addStandardJob` and `addPrioritizedJob` of the pinned version add it, without what no job of ours has:
 * parents, delays, deduplication, repetition. What is the same for all jobs of a run is done once. `add-job.int.test.ts` compares
 * what is then on Redis with `Queue.add`.
 *
 * Those scripts, run as functions inside ours, were two fifths of what Redis did for an admission: 330,000 instructions a push, 191,000
 * with these lines (callgrind, batches of 16; low ones 356,000 and 213,000), or 98 to 107 us of CPU and 61 to 73. Their events were a third of the
 * difference; the rest were functions made anew for each job, looks at what no job of ours has, and what is now done once a run.
 *
 * Needs the locals `base` and `nowText` (ms), and `outSince` while the app's provider is out. `jobsAdded` is to be called at the end.
 */
export const addJobLua = `
local queue = redis.call('HMGET', base .. 'meta', 'paused', 'concurrency', 'opts.maxLenEvents')
local eventsKept = queue[3] or '${EVENTS_KEPT}'
-- A worker that waits is woken by the marker.
local wakes = not queue[1] and not (queue[2] and redis.call('LLEN', base .. 'active') >= tonumber(queue[2]))
local added = 0

local function noteEvent(...)
  if eventsKept ~= '0' then redis.call('XADD', base .. 'events', 'MAXLEN', '~', eventsKept, '*', 'event', ...) end
end
local function storeJob(id, data, opts, priority)
  redis.call('HSET', base .. id, 'name', 'push', 'data', data, 'opts', opts, 'timestamp', nowText, 'delay', '0', 'priority', priority)
  noteEvent('added', 'jobId', id, 'name', 'push')
end
local function addHigh(id, data)
  storeJob(id, data, outSince and '${withOption('"lifo":true')}' or '${withOption()}', '0')
  redis.call(outSince and 'RPUSH' or 'LPUSH', base .. 'wait', id)
end
local function addLow(id, data)
  local priority = outSince and math.max(1, ${LOW_PRIORITY} - math.floor((now - outSince) / 1000)) or ${LOW_PRIORITY}
  storeJob(id, data, '${withOption(`"priority":' .. priority .. '`)}', priority)
  -- Among those of the same priority in the order of their coming.
  local number = redis.call('INCR', base .. 'pc') % 0x100000000
  redis.call('ZADD', base .. 'prioritized', priority * 0x100000000 + number, id)
end
local function addJob(id, data, lane)
  if lane == 'low' then addLow(id, data) else addHigh(id, data) end
  noteEvent('waiting', 'jobId', id)
  if added == 0 and wakes then redis.call('ZADD', base .. 'marker', '0', '0') end
  added = added + 1
end
local function jobsAdded()
  if added == 0 then return end
  redis.call('INCRBY', base .. 'id', added)
  if not queue[3] then redis.call('HSET', base .. 'meta', 'opts.maxLenEvents', eventsKept) end
end
`;

/** The options as JSON, in an order of their own: nothing compares them. */
function withOption(option?: string): string {
  return [JSON.stringify(JOB_OPTIONS).slice(0, -1), ...(option === undefined ? [] : [option])].join(',') + '}';
}
