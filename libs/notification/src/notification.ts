/**
 * What a homeserver asks for, after `parseNotifyRequest`: optional fields are absent (never null), payload-only fields
 * of a wrong type are absent too, and nothing that no payload uses is kept.
 *
 * Source: Matrix Push Gateway API v1, `POST /_matrix/push/v1/notify`.
 */
export interface Notification {
  /** The event and its room; absent in an update of the unread counts. */
  readonly eventId?: string;
  readonly roomId?: string;
  /** Event type; absent with `event_id_only` pushers and in updates of the counts. */
  readonly type?: string;
  readonly sender?: string;
  readonly senderDisplayName?: string;
  readonly roomName?: string;
  readonly roomAlias?: string;
  readonly membership?: string;
  readonly userIsTarget: boolean;
  readonly priority: Priority;
  readonly content?: EventContent;
  readonly counts: Counts;
  readonly devices: readonly Device[];
}

/** Delivery lane; the protocol's `prio`, `high` when absent. */
export type Priority = 'high' | 'low';

/** Unread counts. Zero is meaningful: it clears a badge. */
export interface Counts {
  readonly unread?: number;
  readonly missedCalls?: number;
}

/** The part of an event's content that payloads are made from; everything else is dropped before it reaches Redis. */
export interface EventContent {
  /** Every top-level value of the content that is a string, by key. */
  readonly text: Readonly<Record<string, string>>;
  /** `offer.sdp` of an `m.call.invite` contains `m=video`. */
  readonly offersVideo: boolean;
  /** How long a call rings, in milliseconds (`lifetime` of `m.call.invite` and `m.rtc.notification`). */
  readonly lifetimeMs?: number;
}

/** One pusher's device: where one copy of the notification goes. */
export interface Device {
  readonly appId: string;
  readonly pushkey: string;
  /** When the pushkey was last set, in seconds since the epoch (`pushkey_ts`). */
  readonly pushkeyTs?: number;
  readonly defaultPayload: DefaultPayload;
  /** `tweaks.sound` from the push rules. */
  readonly sound?: string;
}

/**
 * The payload template that an app gave as `data.default_payload`. `malformed`: present, but not an object.
 * `too-complex`: nested so deep or with so many values that it fits no payload (MAX_NESTING, MAX_VALUES).
 */
export type DefaultPayload =
  | { readonly kind: 'absent' }
  | { readonly kind: 'object'; readonly value: JsonObject }
  | { readonly kind: 'malformed' }
  | { readonly kind: 'too-complex' };

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [key: string]: JsonValue;
}
