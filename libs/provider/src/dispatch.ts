import type { Device, Notification } from '@reveille/notification';

/** One notification for one device: the unit that is queued, retried, counted and replayed. */
export interface Dispatch {
  /** A UUID that stays the same over all attempts; APNs gets it as `apns-id`. */
  readonly id: string;
  readonly kind: DispatchKind;
  /** When ingress accepted it, in milliseconds since the epoch. */
  readonly acceptedAt: number;
  /** After this moment (milliseconds since the epoch) it is not sent any more; the provider gets it as its expiration. */
  readonly deadline: number;
  /** Keyed hash of (app_id, pushkey): what logs, metrics and Redis keys may show. */
  readonly deviceHash: string;
  /** Keyed hash of the event id; absent: it has none. */
  readonly eventHash?: string;
  /** Keyed hash of the room id. */
  readonly roomHash?: string;
  readonly device: Device;
  readonly notification: Omit<Notification, 'devices'>;
}

/** What decides the deadline and whether a newer one supersedes it. */
export type DispatchKind = 'event' | 'call' | 'counts';
