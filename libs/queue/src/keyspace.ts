/**
 * Every key of one app starts alike and carries the app in braces, so that in a Redis Cluster all of an app's keys share
 * a slot (scripts need that) and the apps spread over the slots.
 */
export function appKeyBase(prefix: string, appKey: string): string {
  return `${prefix}:${queueName(appKey)}:`;
}

/**
 * BullMQ's queue name of an app. BullMQ refuses a colon in it and Redis Cluster ends the hash tag at a brace: they are
 * escaped, so that no two apps share a name.
 */
export function queueName(appKey: string): string {
  return `{${appKey.replace(/[%:{}]/g, (character) => encodeURIComponent(character))}}`;
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
