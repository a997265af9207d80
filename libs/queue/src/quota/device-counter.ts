import { z } from 'zod';
import type { RedisClient } from '../connect-redis';
import { createScript } from '../script';

/** So many pushes to one device in so many milliseconds. */
export interface DeviceLimit {
  readonly count: number;
  readonly perMs: number;
}

/** The pushes to single devices, counted by all dispatchers together. Only devices that get many are counted here. */
export interface DeviceCounter {
  /**
   * Counts pushes to a device, if all limits have room for one more.
   *
   * @param before pushes that were sent before anybody counted here; they count in any case
   * @returns undefined: it may be sent; else in how many milliseconds there is room
   */
  take(deviceHash: string, before: number): Promise<number | undefined>;
}

export interface DeviceCounterOptions {
  readonly redis: RedisClient;
  /** The app's key base. */
  readonly base: string;
  readonly limits: readonly DeviceLimit[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Counts of a device: for each limit a hash, of the parts of its window. */
const SENT = 'sent:';

/** A window slides by so many parts of it; a part counts until all of it is over, so that no window holds more than its limit. */
const PARTS = 20;

/**
 * KEYS[1] the app's key base. ARGV now, hash of the device, pushes before, then for each limit its count and window (ms). Returns 0 when it may
 * be sent, else how long there is no room (ms).
 */
const TAKE = createScript(`
local now, before = tonumber(ARGV[1]), tonumber(ARGV[3])
local wait, counters = 0, {}
for i = 4, #ARGV, 2 do
  local most, part = tonumber(ARGV[i]), tonumber(ARGV[i + 1]) / ${PARTS}
  local key, current = KEYS[1] .. '${SENT}' .. ARGV[2] .. ':' .. ARGV[i + 1], math.floor(now / part)
  local fields, sent, parts = redis.call('HGETALL', key), 0, {}
  for f = 1, #fields, 2 do
    local number, count = tonumber(fields[f]), tonumber(fields[f + 1])
    if number < current - ${PARTS} or number > current then
      redis.call('HDEL', key, fields[f])
    else
      sent = sent + count
      parts[number] = count
    end
  end
  sent = sent + before
  parts[current] = (parts[current] or 0) + before
  for number = current - ${PARTS}, current do
    if sent + 1 <= most then break end
    if parts[number] then
      sent = sent - parts[number]
      wait = math.max(wait, math.ceil((number + ${PARTS} + 1) * part - now), 1)
    end
  end
  table.insert(counters, { key, string.format('%.0f', current), math.ceil((${PARTS} + 1) * part) })
end
local pushes = before + (wait > 0 and 0 or 1)
if pushes > 0 then
  for _, counter in ipairs(counters) do
    redis.call('HINCRBY', counter[1], counter[2], pushes)
    redis.call('PEXPIRE', counter[1], counter[3])
  end
end
return wait`);

/** Each call is one script on Redis; throws what Redis throws. */
export function createDeviceCounter({ redis, base, limits, now }: DeviceCounterOptions): DeviceCounter {
  const terms = limits.flatMap(({ count, perMs }) => [count, perMs]);
  return {
    async take(deviceHash, before) {
      const waitMs = z.number().parse(await TAKE.run(redis, base, [now(), deviceHash, before, ...terms]));
      return waitMs > 0 ? waitMs : undefined;
    },
  };
}
