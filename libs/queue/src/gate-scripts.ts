import { pause } from 'bullmq/dist/cjs/scripts/pause-7';
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
local function open()
  redis.call('DEL', gate)
  redis.call('HDEL', meta, 'concurrency')
  setPaused(false)
end
-- One job at a time in all dispatchers together: BullMQ counts the active ones of the queue.
local function openForOne()
  redis.call('HSET', meta, 'concurrency', 1)
  setPaused(false)
end
local function get(field) return redis.call('HGET', gate, field) end
local function whole(number) return string.format('%.0f', number) end
local state = get('state')
`;

const gateScript = (body: string) => createScript(`${PRELUDE}\n${body}`);

/** ARGV now, reason, first pause, longest pause. Returns 1 when this call parked it; a parked app is paused again. */
export const PARK = gateScript(`
if state == 'parked' then
  close()
  return 0
end
local probes = state and tonumber(get('probes')) or 0
local since = probes > 0 and get('since') or whole(now)
local pause = math.min(tonumber(ARGV[3]) * 2 ^ probes, tonumber(ARGV[4]))
redis.call('HSET', gate, 'state', 'parked', 'reason', ARGV[2], 'since', since, 'until', whole(now + pause),
  'probes', whole(probes))
close()
return 1`);

/**
 * ARGV now, reason, until. A hold never shortens another one and never touches a parked app; a probing app probes on
 * afterwards (its \`probes\` stay).
 */
export const HOLD = gateScript(`
if state == 'parked' then return 0 end
if state == 'held' and tonumber(get('until')) >= tonumber(ARGV[3]) then return 0 end
redis.call('HSET', gate, 'state', 'held', 'reason', ARGV[2], 'since', whole(now), 'until', ARGV[3],
  'probes', get('probes') or '0')
close()
return 1`);

/** ARGV now. Moves on a gate whose time has come: parked to probing, held to open (or back to probing). Returns 1 then. */
export const DUE = gateScript(`
if not state or state == 'probing' or tonumber(get('until')) > now then return 0 end
if state == 'held' and tonumber(get('probes')) == 0 then
  open()
  return 1
end
if state == 'parked' then redis.call('HINCRBY', gate, 'probes', 1) end
redis.call('HSET', gate, 'state', 'probing')
openForOne()
return 1`);

/** ARGV now, the number of the probe that succeeded. Returns 1 when the app was still at it. */
export const WORKED = gateScript(`
if state ~= 'probing' or get('probes') ~= ARGV[2] then return 0 end
open()
return 1`);

/** ARGV now. An operator's word. */
export const RESUME = gateScript(`
open()
return 1`);
