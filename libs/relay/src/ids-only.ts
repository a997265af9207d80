import type { Device, Notification } from '@reveille/notification';

/** What an app lets the relay keep of a notification: everything that a payload can show, or the ids alone. */
export type ContentPolicy = 'full' | 'ids_only';

/**
 * Of a notification only what lets the device fetch the event itself: the ids of event and room, the counts, the priority. Whatever
 * says who wrote, what, where or of which kind is gone before it reaches Redis; kind and deadline were decided before.
 */
export function idsOnly({ eventId, roomId, counts, priority }: Omit<Notification, 'devices'>): Omit<Notification, 'devices'> {
  return {
    ...(eventId !== undefined && { eventId }),
    ...(roomId !== undefined && { roomId }),
    counts: {
      ...(counts.unread !== undefined && { unread: counts.unread }),
      ...(counts.missedCalls !== undefined && { missedCalls: counts.missedCalls }),
    },
    priority,
    // Whether it is about the user is part of what happened.
    userIsTarget: false,
  };
}

/** Of a device what sending needs, and its app's own template; not the sound that the user's push rules chose. */
export function withoutTweaks({ appId, pushkey, pushkeyTs, defaultPayload }: Device): Device {
  return { appId, pushkey, ...(pushkeyTs !== undefined && { pushkeyTs }), defaultPayload };
}
