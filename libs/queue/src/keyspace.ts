/**
 * The queues of an app: one, or several partitions of it (see ADR 24). A queue key names one of them, wherever the keys of one
 * queue are meant: the app's own key for the first, so that an app with one partition is what it was before there were any.
 */
export function queueKey(appKey: string, partition: number): string {
  return partition === 0 ? appKey : `${appKey}${PARTITION_MARK}${partition}`;
}

/** The app whose queue it is. */
export function appOfQueue(key: string): string {
  const mark = key.indexOf(PARTITION_MARK);
  return mark === -1 ? key : key.slice(0, mark);
}

/** Between the app key and the number of a partition: the configuration takes no app key with a control character. */
const PARTITION_MARK = '\u0000';

/**
 * Every key of one queue starts alike and carries its name in braces, so that in a Redis Cluster all of a queue's keys share
 * a slot (scripts need that) and the queues spread over the slots.
 *
 * @param key - a queue key: an app key, for an app's first partition
 */
export function appKeyBase(prefix: string, key: string): string {
  return `${prefix}:${queueName(key)}:`;
}

/**
 * BullMQ's name of a queue. BullMQ refuses a colon in it and Redis Cluster ends the hash tag at a brace: they are
 * escaped, so that no two apps share a name. `%/` is none of the escapes: no app is called like the partition of another.
 */
export function queueName(key: string): string {
  const appKey = appOfQueue(key);
  const partition = key.slice(appKey.length + PARTITION_MARK.length);
  return `{${appKey.replace(/[%:{}]/g, (character) => encodeURIComponent(character))}${partition === '' ? '' : `%/${partition}`}}`;
}

/** Marks an event as accepted for a device; BullMQ's own keys have no `seen:`. */
export const SEEN = 'seen:';
/** Holds the newest update of the counts that was accepted for a device, as `deadline:id`. */
export const NEWEST_COUNTS = 'counts:';
/** Why and since when an app's queue does not run (see app-gate.ts). */
export const GATE = 'gate';
/** Counts of dispatches: in all, and with an hour behind it, of those accepted in that hour (see ledger-lua.ts). */
export const LEDGER = 'ledger';
/** Dispatches that were accepted and have not ended, by deadline (see ledger-lua.ts). */
export const OPEN = 'open';
/** How far the search for vanished dispatches has come in `open` (see vanished-script.ts). */
export const VANISHED_CURSOR = 'vanished-cursor';
/** Beside an app's first queue: its other partitions, and when each was last in a configuration (see partitions/known-partitions.ts). */
export const PARTITIONS = 'partitions';
