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
   * @param pushes this one, and those that were sent before anybody counted here
   * @returns undefined: it may be sent; else in how many milliseconds there is room
   */
  take(deviceHash: string, pushes: number): Promise<number | undefined>;
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
 * KEYS[1] the app's key base. ARGV now, hash of the device, pushes, then for each limit its count and window (ms). Returns 0 when it may
 * be sent, else how long there is no room (ms).
 */
const TAKE = createScript(`
local now, pushes = tonumber(ARGV[1]), tonumber(ARGV[3])
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
      table.insert(parts, { number, count })
    end
  end
  table.sort(parts, function(a, b) return a[1] < b[1] end)
  for _, oldest in ipairs(parts) do
    if sent + 1 <= most then break end
    sent = sent - oldest[2]
    wait = math.max(wait, math.ceil((oldest[1] + ${PARTS} + 1) * part - now), 1)
  end
  table.insert(counters, { key, string.format('%.0f', current), math.ceil((${PARTS} + 1) * part) })
end
if wait > 0 then return wait end
for _, counter in ipairs(counters) do
  redis.call('HINCRBY', counter[1], counter[2], pushes)
  redis.call('PEXPIRE', counter[1], counter[3])
end
return 0`);

/** Each call is one script on Redis; throws what Redis throws. */
export function createDeviceCounter({ redis, base, limits, now }: DeviceCounterOptions): DeviceCounter {
  const terms = limits.flatMap(({ count, perMs }) => [count, perMs]);
  return {
    async take(deviceHash, pushes) {
      const waitMs = z.number().parse(await TAKE.run(redis, base, [now(), deviceHash, pushes, ...terms]));
      return waitMs > 0 ? waitMs : undefined;
    },
  };
}
