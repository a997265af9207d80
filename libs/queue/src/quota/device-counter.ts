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

/** Counts of a device in the windows of its limits. */
const SENT = 'sent:';

/**
 * KEYS[1] the app's key base. ARGV now, hash of the device, pushes, then for each limit its count and window (ms). A window slides: of
 * the one before, what is left of it counts. Returns 0 when it may be sent, else how long there is no room (ms).
 */
const TAKE = createScript(`
local now, pushes = tonumber(ARGV[1]), tonumber(ARGV[3])
local wait, counters = 0, {}
for i = 4, #ARGV, 2 do
  local most, per = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local number = math.floor(now / per)
  local key = KEYS[1] .. '${SENT}' .. ARGV[2] .. ':' .. per .. ':'
  local sent = tonumber(redis.call('GET', key .. string.format('%.0f', number)) or 0)
  local before = tonumber(redis.call('GET', key .. string.format('%.0f', number - 1)) or 0)
  local elapsed = now - number * per
  if sent + before * (1 - elapsed / per) + 1 > most then
    local free = per - elapsed
    if sent + 1 <= most then
      -- So much of the window before must be over.
      free = per * (1 - (most - sent - 1) / before) - elapsed
    else
      -- This window is full: it is the one before, then.
      free = free + per * (1 - (most - 1) / sent)
    end
    wait = math.max(wait, math.ceil(free), 1)
  end
  table.insert(counters, { key .. string.format('%.0f', number), per })
end
if wait > 0 then return wait end
for _, counter in ipairs(counters) do
  redis.call('INCRBY', counter[1], pushes)
  redis.call('PEXPIRE', counter[1], 2 * counter[2])
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
