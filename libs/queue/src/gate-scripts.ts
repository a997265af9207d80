import { pause } from 'bullmq/dist/cjs/scripts/pause-7';
import { CONTROLS } from './controls';
import { GATE } from './keyspace';
import { createScript } from './script';

/**
 * The moves of an app's gate. Each changes the gate and what BullMQ goes by (its `paused` and `concurrency`) in one atomic
 * step: done one after the other, the steps of two dispatchers could interleave and leave a queue paused with no gate to say
 * so. The pause is BullMQ's own script, run as a function; see admission-script.ts for the manner.
 */
const PRELUDE = `
local base, now = KEYS[1], tonumber(ARGV[1])
local gate, meta = base .. '${GATE}', base .. 'meta'

local function bullmqPause(KEYS, ARGV)
${pause.content}
end
local function setPaused(paused)
  local from, to = base .. 'wait', base .. 'paused'
  if not paused then from, to = to, from end
  bullmqPause({ from, to, meta, base .. 'prioritized', base .. 'events', base .. 'delayed', base .. 'marker' },
    { paused and 'paused' or 'resumed', '0' })
end
local function close()
  redis.call('HDEL', meta, 'concurrency')
  setPaused(true)
end
-- What an operator allows for now.
local limit = tonumber(redis.call('HGET', base .. '${CONTROLS}', 'concurrency') or 0)
-- So many jobs at a time in all dispatchers together: BullMQ counts the active ones of the queue.
local function openFor(width)
  redis.call('HSET', meta, 'concurrency', limit > 0 and math.min(limit, width) or width)
  setPaused(false)
end
local function open()
  redis.call('DEL', gate)
  if limit > 0 then redis.call('HSET', meta, 'concurrency', limit) else redis.call('HDEL', meta, 'concurrency') end
  setPaused(false)
end
local function get(field) return redis.call('HGET', gate, field) end
local function number(field) return tonumber(get(field) or 0) end
local function whole(number) return string.format('%.0f', number) end
local state = get('state')
`;

/** Pushes at once, in all dispatchers together, that ask whether an outage is over. */
const OUTAGE_PROBES = 3;
/** After an outage: pushes at once to begin with, doubled so often (milliseconds) until it is the full width. */
const FIRST_WIDTH = 8;
const WIDEN_EVERY_MS = 1000;

const gateScript = (body: string) => createScript(`${PRELUDE}\n${body}`);

/** ARGV now, reason, first pause, longest pause. Returns 1 when this call parked it; a parked app is paused again. */
export const PARK = gateScript(`
if state == 'paused' then return 0 end
if state == 'parked' then
  close()
  return 0
end
-- What an outage had to wait says nothing of a credential.
local probes = get('out') and 0 or number('probes')
local since = probes > 0 and get('since') or whole(now)
local pause = math.min(tonumber(ARGV[3]) * 2 ^ probes, tonumber(ARGV[4]))
redis.call('DEL', gate)
redis.call('HSET', gate, 'state', 'parked', 'reason', ARGV[2], 'since', since, 'until', whole(now + pause),
  'probes', whole(probes))
close()
return 1`);

/**
 * ARGV now, reason, first pause, longest pause. The provider is out: returns 1 when this call stopped the app. An app that is
 * stopped for another reason, or probes for one, stays with it. \`out\` marks everything that follows from the outage, until
 * the app runs at full width again.
 */
export const BREAK = gateScript(`
if state == 'paused' or state == 'parked' or state == 'held' or state == 'outage' then return 0 end
if state == 'probing' and not get('out') then return 0 end
local probes = number('probes')
local since = get('out') or whole(now)
local pause = math.min(tonumber(ARGV[3]) * 2 ^ probes, tonumber(ARGV[4]))
redis.call('HSET', gate, 'state', 'outage', 'reason', ARGV[2], 'since', since, 'out', since, 'until', whole(now + pause),
  'probes', whole(probes), 'changed', whole(now))
close()
return 1`);

/**
 * ARGV now, reason, until. A hold never shortens another one and never touches a parked app; a probing app probes on
 * afterwards (its \`probes\` stay).
 */
export const HOLD = gateScript(`
if state == 'paused' or state == 'parked' then return 0 end
if state == 'held' and tonumber(get('until')) >= tonumber(ARGV[3]) then return 0 end
-- An outage that also has a quota waits for the later of both, and probes then.
if state == 'outage' then
  if tonumber(get('until')) >= tonumber(ARGV[3]) then return 0 end
  redis.call('HSET', gate, 'until', ARGV[3])
  return 1
end
redis.call('HSET', gate, 'state', 'held', 'reason', ARGV[2], 'since', whole(now), 'until', ARGV[3],
  'probes', get('probes') or '0')
close()
return 1`);

/**
 * ARGV now, pushes at once that are full width, of a probed outage. Moves on a gate whose time has come: parked and outage to
 * probing, held to open (or back to probing), recovering to twice the width. Returns 1 then.
 */
export const DUE = gateScript(`
if not state or state == 'paused' or state == 'probing' or tonumber(get('until')) > now then return 0 end
if state == 'held' and number('probes') == 0 and not get('out') then
  open()
  return 1
end
if state == 'recovering' then
  local width = number('width') * 2
  if width >= tonumber(ARGV[2]) then
    open()
  else
    redis.call('HSET', gate, 'width', width, 'until', whole(now + ${WIDEN_EVERY_MS}))
    openFor(width)
  end
  return 1
end
if state ~= 'held' then redis.call('HINCRBY', gate, 'probes', 1) end
redis.call('HSET', gate, 'state', 'probing', 'changed', whole(now))
openFor(get('out') and ${OUTAGE_PROBES} or 1)
return 1`);

/**
 * ARGV now, the number of the probe that succeeded. Returns 1 when the app was still at it. After an outage the app does not
 * open at once: everything that waited would fall upon a provider that just came back.
 */
export const WORKED = gateScript(`
if state ~= 'probing' or get('probes') ~= ARGV[2] then return 0 end
if get('out') then
  redis.call('HSET', gate, 'state', 'recovering', 'width', ${FIRST_WIDTH}, 'until', whole(now + ${WIDEN_EVERY_MS}),
    'changed', whole(now))
  openFor(${FIRST_WIDTH})
else
  open()
end
return 1`);

/**
 * ARGV now, reason, who. An operator's word: nothing but another one opens the app again. What it was stopped for before is
 * forgotten: it is found again by the first push.
 */
export const PAUSE = gateScript(`
if state == 'paused' then return 0 end
redis.call('DEL', gate)
redis.call('HSET', gate, 'state', 'paused', 'reason', ARGV[2], 'by', ARGV[3], 'since', whole(now), 'until', '0', 'probes', '0')
close()
return 1`);

/**
 * ARGV now. After an operator has changed the concurrency: an app that runs takes it at once, one that recovers with its next step,
 * one that stands still when it runs again.
 */
export const WIDEN = gateScript(`
if not state then open() end
return 1`);

/** ARGV now. An operator's word. */
export const RESUME = gateScript(`
open()
return 1`);
