import { createHash } from 'node:crypto';

import type { Dispatch } from '@reveille/provider';

/** Apple: longer than this is BadCollapseId. */
const MAX_COLLAPSE_ID_BYTES = 64;
/** Event ids that can be a header as they are; the `$` keeps them apart from our own words. */
const PLAIN_EVENT_ID = /^\$[\x21-\x7e]*$/;
/** APNs keeps collapse ids apart by device and topic, so one word makes one badge a device. */
const COUNTS_COLLAPSE_ID = 'counts';

const PRIORITY_IMMEDIATE = '10';
const PRIORITY_CONSIDERATE = '5';

/**
 * The headers of one push besides `authorization` (Apple, "Sending notification requests to APNs"). The same on every
 * attempt, so that a repeat can be told from a new push.
 */
export function buildHeaders(dispatch: Dispatch, topic: string, pushType: string): Record<string, string> {
  return {
    'apns-topic': topic,
    'apns-push-type': pushType,
    'apns-priority': priorityOf(dispatch, pushType),
    // Seconds; Apple stores the push no longer than we would try.
    'apns-expiration': String(Math.max(0, Math.floor(dispatch.deadline / 1000))),
    'apns-id': dispatch.id,
    'apns-collapse-id': collapseIdOf(dispatch),
  };
}

/** Apple refuses a background push with priority 10. */
function priorityOf({ notification }: Dispatch, pushType: string): string {
  return pushType === 'background' || notification.priority === 'low' ? PRIORITY_CONSIDERATE : PRIORITY_IMMEDIATE;
}

/**
 * Pushes of one collapse id replace each other on the device: the repeats of one event, or all updates of the counts.
 * Two events never share one, or the second would hide the first.
 */
function collapseIdOf({ id, kind, notification: { eventId } }: Dispatch): string {
  if (kind === 'counts') return COUNTS_COLLAPSE_ID;
  if (!eventId) return id;
  if (eventId.length <= MAX_COLLAPSE_ID_BYTES && PLAIN_EVENT_ID.test(eventId)) return eventId;
  return createHash('sha256').update(eventId).digest('base64url');
}
