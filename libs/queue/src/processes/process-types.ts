/** The end of a credential, as the dispatcher that uses it sees it. */
export interface ProcessCredential {
  /** Key of the app in the configuration. */
  readonly app: string;
  readonly kind: 'jwt' | 'certificate' | 'access_token';
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface ProcessLoad {
  /** How late the event loop was, at worst for all but 1 % of the time, since the last heartbeat. Milliseconds. */
  readonly eventLoopP99Ms: number;
  /** Share of one core since the last heartbeat. */
  readonly cpu: number;
  readonly rssBytes: number;
  /** Requests or pushes under way. */
  readonly inFlight: number;
}

/** A process of the relay that is alive. */
export interface ProcessInfo {
  readonly role: 'ingress' | 'dispatcher' | 'admin';
  /** Host and number: see `processName`. */
  readonly id: string;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** Its last heartbeat, by Redis' clock. Milliseconds since the epoch. */
  readonly seenAt: number;
  readonly load: ProcessLoad;
  /** Of dispatchers. */
  readonly credentials: readonly ProcessCredential[];
}
