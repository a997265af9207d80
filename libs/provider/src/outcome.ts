/** What the provider said, for metrics and dead letters: never a body, never anything of the push. */
export interface ProviderAnswer {
  /** HTTP status; absent when no answer came. */
  readonly status?: number;
  /** The provider's reason or error code, or ours for a transport failure (`timeout`, `connect`, ...). */
  readonly reason: string;
  /** From the call to the answer or failure, in milliseconds. */
  readonly latencyMs: number;
}

/**
 * How one attempt to send a dispatch ended. A closed set: a new outcome does not compile until it is decided everywhere.
 * Every provider maps its answers to these in its own `outcome.ts`, each row with its reason.
 */
export type SendOutcome = Delivered | Skipped | Rejected | Deferred | Undeliverable | Parked;

/** The provider took it. */
export interface Delivered {
  readonly kind: 'delivered';
  readonly answer: ProviderAnswer;
}

/** There was nothing to send (no alert, no badge, no ids): no call was made. */
export interface Skipped {
  readonly kind: 'skipped';
  readonly reason: string;
}

/** The pushkey is dead: remember it and tell the homeserver. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly reason: string;
  /** Time of death, in milliseconds since the epoch. */
  readonly diedAt: number;
  /** A mistake of our own (wrong topic or sender) looks the same: counted against the storm breaker. */
  readonly suspect: boolean;
  readonly answer?: ProviderAnswer;
}

/** Try again, not before `retryAfterMs` when given. `app`: no push of this app can pass until then (a quota). */
export interface Deferred {
  readonly kind: 'deferred';
  readonly reason: string;
  readonly scope: 'push' | 'app';
  /** Milliseconds from now; the floor of the delay before the next attempt. */
  readonly retryAfterMs?: number;
  /** Refused for a quota that all pushes of the app share. */
  readonly quota?: QuotaRefusal;
  readonly answer?: ProviderAnswer;
}

export interface QuotaRefusal {
  /** When the provider itself named the time, in milliseconds from now. */
  readonly namedMs?: number;
  /** How long the app is to stand still, when that is not `retryAfterMs`; in milliseconds. */
  readonly holdMs?: number;
}

/** This push can never work, but the pushkey is fine: a dead letter. */
export interface Undeliverable {
  readonly kind: 'undeliverable';
  readonly reason: string;
  readonly answer?: ProviderAnswer;
}

/** Our own credential, topic or project is refused: nothing of this app can work until an operator acts. */
export interface Parked {
  readonly kind: 'parked';
  readonly reason: string;
  readonly answer?: ProviderAnswer;
}
