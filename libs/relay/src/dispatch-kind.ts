import type { Notification } from '@reveille/notification';
import type { DispatchKind } from '@reveille/provider';
import type { AppPolicy } from './app-policy';

/** Events that ring. A call that reaches the device a minute late is worse than none. */
const CALL_TYPES: ReadonlySet<string> = new Set([
  'm.call.invite', // client-server specification
  'm.rtc.notification', // MSC4075
  'org.matrix.msc4075.rtc.notification',
]);

/** A call, an update of the unread counts (neither event nor type), or any other event. */
export function dispatchKind(notification: Notification): DispatchKind {
  if (notification.type !== undefined && CALL_TYPES.has(notification.type)) return 'call';
  return notification.eventId === undefined && notification.type === undefined ? 'counts' : 'event';
}

/**
 * Until when (milliseconds since the epoch) a dispatch accepted at `acceptedAt` may be sent. A call that states its own
 * lifetime rings that long, but never longer than any event would be tried: the lifetime is somebody else's number.
 */
export function deadlineOf(notification: Notification, app: AppPolicy, acceptedAt: number): number {
  const kind = dispatchKind(notification);
  const lifetimeMs = kind === 'call' ? notification.content?.lifetimeMs : undefined;
  return Math.floor(acceptedAt + Math.min(lifetimeMs ?? app.maxAgeMs[kind], Math.max(app.maxAgeMs.event, app.maxAgeMs[kind])));
}
