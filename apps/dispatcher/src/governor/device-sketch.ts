/**
 * Roughly how many pushes each device got in the last window, in little memory however many devices there are: a count-min sketch. It
 * never says too few; the pushes of other devices in the same cells may make it say too many.
 */
export interface DeviceSketch {
  /** Counts one more push and returns how many it makes. */
  add(deviceHash: string): number;
  /** How many it got lately. */
  count(deviceHash: string): number;
  /** Takes one back. */
  remove(deviceHash: string): void;
}

/**
 * 4 rows of 32,768 cells, of this window and the one before: 256 KB. FCM's whole quota of 600,000 pushes a minute puts 18 into a
 * cell, and less into the emptiest of four.
 */
const ROWS = 4;
const CELLS = 32_768;
const MOST = 255;

/** @param now milliseconds */
export function createDeviceSketch(windowMs: number, now: () => number): DeviceSketch {
  let current = new Uint8Array(ROWS * CELLS);
  let before = new Uint8Array(ROWS * CELLS);
  let from = now();

  const roll = (): void => {
    const elapsed = now() - from;
    if (elapsed >= 0 && elapsed < windowMs) return;
    // Nothing of what was before is left after a pause, or when the clock was set back.
    const isNext = elapsed >= 0 && elapsed < 2 * windowMs;
    [current, before] = [before, current];
    current.fill(0);
    if (!isNext) before.fill(0);
    from = isNext ? from + windowMs : now();
  };

  return {
    add(deviceHash) {
      roll();
      const left = 1 - (now() - from) / windowMs;
      let least = Infinity;
      for (const cell of cellsOf(deviceHash)) {
        const count = Math.min(MOST, (current[cell] ?? 0) + 1);
        current[cell] = count;
        least = Math.min(least, count + (before[cell] ?? 0) * left);
      }
      return least;
    },
    count(deviceHash) {
      roll();
      return Math.min(...cellsOf(deviceHash).map((cell) => current[cell] ?? 0));
    },
    remove(deviceHash) {
      for (const cell of cellsOf(deviceHash)) current[cell] = Math.max(0, (current[cell] ?? 0) - 1);
    },
  };
}

/** One cell in each row. The hash of a device is keyed and random already: this only folds it (FNV-1a). */
function cellsOf(deviceHash: string): number[] {
  let first = 0x811c9dc5;
  let second = 0x9747b28c;
  for (let i = 0; i < deviceHash.length; i++) {
    const code = deviceHash.charCodeAt(i);
    first = Math.imul(first ^ code, 0x01000193);
    second = Math.imul(second ^ code, 0x85ebca6b);
  }
  const step = second | 1;
  return Array.from({ length: ROWS }, (_, row) => row * CELLS + (((first + Math.imul(row, step)) >>> 8) % CELLS));
}
