import { queueKey } from '../keyspace';

/**
 * The queue of an app that a device's pushes go to: always the same one, so that they stay in order, and what is remembered of the
 * device is where its next push comes to.
 *
 * @param partitions - how many the app has
 */
export function queueOfDevice(appKey: string, deviceHash: string, partitions: number): string {
  return queueKey(appKey, partitionOf(deviceHash, partitions));
}

/**
 * Jump consistent hashing (Lamping and Veach, 2014): with one partition more, each of the old ones gives up its equal share to the
 * new one, and no device moves between old ones. Half of the devices move from one partition to two, a quarter from three to four.
 */
export function partitionOf(deviceHash: string, partitions: number): number {
  if (partitions <= 1) return 0;
  const next = numbersFrom(seedOf(deviceHash));
  let chosen = 0;
  for (let candidate = 0; candidate < partitions; candidate = Math.floor((chosen + 1) / next())) chosen = candidate;
  return chosen;
}

const TWO_TO_32 = 2 ** 32;

/** FNV-1a. The hash of a device is keyed, so that nobody can choose devices which all go to one partition. */
function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash;
}

/** Mulberry32: numbers above 0, at most 1, always the same for a seed. */
function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 1) / TWO_TO_32;
  };
}
