import type { Dispatch } from './dispatch';
import type { SendOutcome } from './outcome';

/** One app at one push service. Made by a provider library from its settings; used by the dispatcher only. */
export interface Provider {
  readonly type: 'apns' | 'fcm';
  /**
   * One attempt. Never throws and never retries by itself, except once with a fresh token where providers.md says so;
   * every failure is an outcome.
   */
  send(dispatch: Dispatch): Promise<SendOutcome>;
  /** When credentials of this app end, for metrics. */
  credentials(): readonly CredentialExpiry[];
  /** Lets requests in flight finish for at most `graceMs` milliseconds, then closes the connections. */
  close(graceMs: number): Promise<void>;
}

export interface CredentialExpiry {
  readonly credential: 'jwt' | 'certificate' | 'access_token';
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}
