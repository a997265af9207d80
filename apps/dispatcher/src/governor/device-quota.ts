import type { DeviceCounter, DeviceLimit } from '@reveille/queue';
import { createDeviceSketch } from './device-sketch';

/** Keeps to the limits for single devices, of which nearly none comes near one. */
export interface DeviceQuota {
  /** Undefined: the push may be sent; else in how many milliseconds it is worth trying again. */
  take(deviceHash: string): Promise<number | undefined> | undefined;
  /** The push was not sent after all. */
  giveBack(deviceHash: string): void;
  /** Whether the device gets so many pushes that a refusal may be meant for it alone. */
  isBusy(deviceHash: string): boolean;
  /** The provider has refused a push for its device: the next ones need not ask for a while. */
  refused(deviceHash: string, retryAfterMs?: number): void;
}

export interface DeviceQuotaOptions {
  readonly limits: readonly DeviceLimit[];
  readonly counter: DeviceCounter;
  /** How many dispatchers share the app. */
  readonly dispatchers: () => number;
  readonly isRedisThere: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** Devices that are counted on Redis are those which may have had so large a part of a limit. */
const BUSY_PART = 0.25;
/** What the sketch looks back, in milliseconds. */
const WINDOW_MS = 60_000;
/** Devices that are known to be over their limit, in this process. */
const MAX_CLOSED = 10_000;
/** How long a device is left alone that the provider refuses without naming a time, in milliseconds. */
const REFUSED_MS = 5000;

export function createDeviceQuota(options: DeviceQuotaOptions): DeviceQuota {
  const { limits, counter, dispatchers, now, random } = options;
  const sketch = limits.length > 0 ? createDeviceSketch(WINDOW_MS, now) : undefined;
  /** Pushes in one window of the sketch from which on a device is counted on Redis. */
  const aMinute = Math.min(...limits.map(({ count, perMs }) => (count * WINDOW_MS) / perMs));
  const busyFrom = (): number => Math.min(200, (aMinute * BUSY_PART) / Math.max(1, dispatchers()));
  /** Until when they are; the oldest first. */
  const closed = new Map<string, number>();
  const busy = new Map<string, number>();

  const close = (deviceHash: string, ms: number): void => {
    closed.delete(deviceHash);
    closed.set(deviceHash, now() + ms);
    dropOldest(closed);
  };
  /** Not all at once: those that wait for the same device share what it has room for. */
  const spread = (ms: number): number => Math.ceil(ms * (1 + random() / 2));
  const closedFor = (deviceHash: string): number => {
    const leftMs = (closed.get(deviceHash) ?? 0) - now();
    if (leftMs <= 0) closed.delete(deviceHash);
    return Math.max(0, leftMs);
  };

  const ask = async (deviceHash: string, sent: number): Promise<number | undefined> => {
    // What was sent before anybody counted it on Redis counts too, once.
    const before = (busy.get(deviceHash) ?? 0) > now() ? 0 : Math.ceil(sent) - 1;
    busy.delete(deviceHash);
    busy.set(deviceHash, now() + WINDOW_MS);
    dropOldest(busy);
    const waitMs = await counter.take(deviceHash, before);
    if (waitMs === undefined) return undefined;
    sketch?.remove(deviceHash);
    close(deviceHash, waitMs);
    return spread(waitMs);
  };

  return {
    take(deviceHash) {
      const leftMs = closedFor(deviceHash);
      if (leftMs > 0) return Promise.resolve(spread(leftMs));
      const sent = sketch?.add(deviceHash) ?? 0;
      if (sent <= busyFrom() || sketch === undefined) return undefined;
      if (options.isRedisThere()) return ask(deviceHash, sent);
      // Each dispatcher with its part, until Redis is back.
      if (sent <= aMinute / Math.max(1, dispatchers())) return undefined;
      sketch.remove(deviceHash);
      return Promise.resolve(spread(REFUSED_MS));
    },
    giveBack: (deviceHash) => sketch?.remove(deviceHash),
    isBusy: (deviceHash) => (busy.get(deviceHash) ?? 0) > now() || (sketch?.count(deviceHash) ?? 0) > busyFrom() / 2,
    refused: (deviceHash, retryAfterMs = REFUSED_MS) => close(deviceHash, retryAfterMs),
  };
}

function dropOldest(map: Map<string, number>): void {
  const [oldest] = map.keys();
  if (map.size > MAX_CLOSED && oldest !== undefined) map.delete(oldest);
}
