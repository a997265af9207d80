import type { Device, Notification } from '@reveille/notification';
import type { Dispatch } from '@reveille/provider';

/** A moment in milliseconds since the epoch, for tests that need no clock. */
export const NOW = Date.UTC(2026, 0, 1);

export interface DispatchParts {
  readonly device?: Partial<Device>;
  readonly notification?: Partial<Omit<Notification, 'devices'>>;
  readonly deadline?: number;
  /** An update of the counts: about no event. */
  readonly withoutIds?: boolean;
}

/** For tests: an event-id-only push to a device, with what the test is about in place of the usual. */
export function testDispatch(parts: DispatchParts = {}): Dispatch {
  const { device, notification, deadline = NOW + 60_000, withoutIds = false } = parts;
  return {
    id: '6d1f2c0e-3b5a-4c57-9a53-0d1a8f5d0b11',
    kind: withoutIds ? 'counts' : 'event',
    acceptedAt: NOW,
    deadline,
    deviceHash: 'hash',
    device: { appId: 'com.example.android', pushkey: 'pushkey-1', defaultPayload: { kind: 'absent' }, ...device },
    notification: {
      ...(!withoutIds && { eventId: '$event', roomId: '!room:example.org' }),
      userIsTarget: false,
      priority: 'high',
      counts: {},
      ...notification,
    },
  };
}
