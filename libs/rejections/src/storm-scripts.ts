import { z } from 'zod';
import { createScript, type Script } from './script';
import { stormEventSchema, stormSchema } from './storm';
import { RELEASE_CHUNK, stormConstants, stormLua } from './storm-lua';

const { DECIDING_PROBES, PROBE_BURST, PROBES_PER_SECOND, PROBE_TIMEOUT_MS, SETTINGS_GONE_MS, RECENT_LIMIT, TRUSTED_MS, MANY_COUNTS } =
  stormConstants;

const stormScript = <Reply>(body: string, reply: z.ZodType<Reply>): Script<Reply> =>
  createScript(`${stormLua}\n${body}`, reply);

/**
 * ARGV now, settings, deliveries since this process's last call, fingerprint of its settings, device hash, time of death
 * (ms), reason, class (`s`uspect, `o`rdinary; `-`: no provider was asked, so it is no answer and always believed), whether the
 * slow look counts it (`1`), hashes of devices that were delivered to (JSON, for the slow look).
 * Counts, judges and writes. `storm` comes with the verdict that began one, or widened it.
 */
export const REMEMBER = stormScript(
  `
local delivered, fingerprint = tonumber(ARGV[3]), ARGV[4]
local device, class = ARGV[5], ARGV[8]
local verdict = { diedAt = ARGV[6], reason = ARGV[7], class = class }
count('d', delivered)
judge('d', cjson.decode(ARGV[10]))

local function believed()
  remember(device, verdict.diedAt, verdict.reason)
  return cjson.encode({ verdict = 'remembered' })
end
local function held()
  return cjson.encode({ verdict = 'held', asked = hold(device, verdict) })
end
local function trip(share)
  if stormy() then
    set('kind', 'both')
    set('state', 'holding')
  else
    redis.call('DEL', HELD, REASONS, PROBES, SETTINGS)
    set('since', whole(now))
    set('kind', class == 's' and 'suspect' or 'ordinary')
    set('state', 'holding')
    set('share', tostring(share))
    set('baseline', tostring(usualShare(class)))
    set('settings', fingerprint)
    redis.call('HSET', SETTINGS, fingerprint, whole(now))
    redis.call('PEXPIRE', STORM, whole(settings.ttlMs))
  end
  takeBack(class)
  local asked = hold(device, verdict)
  redis.call('PEXPIRE', HELD, whole(settings.ttlMs))
  return cjson.encode({ verdict = 'held', asked = asked, storm = view() })
end

if class == '-' then return believed() end
if storm.released then return believed() end
-- Told before, or about to be: one device is one rejection, however many of its pushes come back.
if redis.call('EXISTS', base .. 'rejected:' .. device) == 1 then return believed() end
if stormy() and (storm.kind == 'both' or storm.kind == (class == 's' and 'suspect' or 'ordinary')) then return held() end

count(class, 1)
local recent = RECENT .. class
redis.call('ZREMRANGEBYSCORE', recent, '-inf', '(' .. whole(now - settings.windowMs))
redis.call('ZADD', recent, whole(now), device)
redis.call('ZREMRANGEBYRANK', recent, 0, -${RECENT_LIMIT + 1})
redis.call('PEXPIRE', recent, whole(settings.windowMs))
local trusted = redis.call('EXISTS', TRUSTED) == 1
local counted = ARGV[9] == '1' and redis.call('EXISTS', TRUSTED_SLOW) == 0
if counted then judge(class, { device }) end
local share = not trusted and tooMany(class) or counted and tooManySlowly(class)
if share then return trip(share) end
return believed()`,
  z.object({
    verdict: z.enum(['remembered', 'held']),
    /** How often the provider was asked again about this pushkey. */
    asked: z.number().int().exactOptional(),
    storm: stormSchema.exactOptional(),
  }),
);

/**
 * ARGV now, settings, device hash. During a storm, before a push is sent: `send` (its pushkey has no held verdict), `probe`
 * (it has, and this push is to find out whether it still holds) or `wait`.
 */
export const ASK = stormScript(
  `
local device = ARGV[3]
local verdict = stormy() and readHeld(device)
if not verdict then return cjson.encode('send') end
-- A clock that was set back must not stop the probes.
local asked = now - verdict.askedAt
if asked >= 0 and asked < ${PROBE_TIMEOUT_MS} then return cjson.encode('wait') end
if number('tokensAt') > now then set('tokensAt', whole(now)) end
local since = now - number('tokensAt')
local tokens = storm.tokens and tonumber(storm.tokens) or ${PROBE_BURST}
tokens = math.min(${PROBE_BURST}, tokens + since / 1000 * ${PROBES_PER_SECOND})
if tokens < 1 then return cjson.encode('wait') end
set('tokens', tostring(tokens - 1))
set('tokensAt', whole(now))
verdict.askedAt = now
writeHeld(device, verdict)
return cjson.encode('probe')`,
  z.enum(['send', 'probe', 'wait']),
);

/**
 * ARGV now, settings, deliveries since this process's last call, fingerprint of its settings, hashes of devices that were
 * delivered to (JSON, for the slow look), then the device hashes of the probes that were delivered. Moves a storm on; whichever dispatcher comes first does it.
 */
export const TICK = stormScript(
  `
local fingerprint = ARGV[4]
count('d', tonumber(ARGV[3]))
judge('d', cjson.decode(ARGV[5]))
if stormy() or redis.call('HLEN', ANSWERS) > ${MANY_COUNTS} then window() end
if not stormy() then return cjson.encode({}) end

for i = 6, #ARGV do
  local verdict = readHeld(ARGV[i])
  if verdict then
    redis.call('HDEL', HELD, ARGV[i])
    if verdict.probes == 0 then add('probed', 1) end
    add('accepted', 1)
    probeEnded('a')
  end
end
redis.call('HSET', SETTINGS, fingerprint, whole(now))

local function ended(kind, why)
  local last = view()
  finish()
  return cjson.encode({ event = { kind = kind, why = why, storm = last } })
end
-- What brought the verdicts about is configured nowhere any more, and another configuration is at work.
local cause = tonumber(redis.call('HGET', SETTINGS, storm.settings or '') or now)
if now - cause >= ${SETTINGS_GONE_MS} then return ended('discarded', 'settings-changed') end

local accepted, probed = results()
local deciding = math.min(${DECIDING_PROBES}, redis.call('HLEN', HELD) + number('accepted'))
-- Ten of the latest twenty are half of them, or more.
if accepted > 0 and accepted >= deciding then return ended('discarded', 'accepted-again') end

if storm.released then release(${RELEASE_CHUNK}) end
local began = false
if storm.state == 'holding' and not storm.released and not needsOperator() then
  -- Long enough, and the provider stands by it.
  local confirmed = probed >= deciding and accepted * 5 <= probed
  if now - number('since') >= settings.holdForMs and confirmed then
    set('state', 'releasing')
    set('releasedAt', whole(now))
    began = true
  end
end
if storm.state == 'releasing' then
  local due = math.floor((now - number('releasedAt')) * settings.releasePerMinute / 60000)
  if due > 0 then
    add('releasedCount', release(math.min(due, ${RELEASE_CHUNK})))
    set('releasedAt', whole(number('releasedAt') + due * 60000 / settings.releasePerMinute))
  end
end
if redis.call('HLEN', HELD) == 0 then
  if storm.released or number('releasedCount') > 0 then return ended('released') end
  return ended('discarded', 'nothing-held')
end
return cjson.encode({ storm = view(), event = began and { kind = 'releasing', storm = view() } or nil })`,
  z.object({ storm: stormSchema.exactOptional(), event: stormEventSchema.exactOptional() }),
);

/** ARGV now, settings. */
export const READ = stormScript(
  `return cjson.encode(stormy() and { storm = view() } or {})`,
  z.object({ storm: stormSchema.exactOptional() }),
);

/**
 * ARGV now, settings. An operator's word that the rejections are true: from now on they are told, those that are held chunk by
 * chunk (call again while `left`), and the breaker believes the app for a while, its slow look for longer; also where there is
 * no storm: the word is for all queues of the app.
 */
export const RELEASE = stormScript(
  `
redis.call('SET', TRUSTED, '1', 'PX', ${TRUSTED_MS})
trustSlowly()
if not stormy() then return cjson.encode({ released = 0, left = 0 }) end
set('released', '1')
local released = release(${RELEASE_CHUNK})
local left = redis.call('HLEN', HELD)
if left == 0 then finish() end
return cjson.encode({ released = released, left = left })`,
  z.object({ released: z.number().int(), left: z.number().int() }),
);

/** ARGV now, settings. An operator's word that the rejections were a mistake. Returns how many were held. */
export const DISCARD = stormScript(
  `
local discarded = stormy() and redis.call('HLEN', HELD) or 0
if stormy() then finish() end
return cjson.encode(discarded)`,
  z.number().int(),
);

/** ARGV now, settings, device hash, time of death (ms), reason: without any judgement. */
export const BELIEVE = stormScript(
  `
remember(ARGV[3], ARGV[4], ARGV[5])
return cjson.encode(true)`,
  z.literal(true),
);

/** ARGV now, settings, device hash. Whether anything was known of it. */
export const FORGET = stormScript(
  `
local device = ARGV[3]
redis.call('ZREM', RECENT .. 'o', device)
redis.call('ZREM', RECENT .. 's', device)
redis.call('ZREM', JUDGED .. 'o', device)
redis.call('ZREM', JUDGED .. 's', device)
return cjson.encode(redis.call('DEL', base .. 'rejected:' .. device) + redis.call('HDEL', HELD, device) > 0)`,
  z.boolean(),
);
