import type { Attempt } from '../attempt-history';

/** What somebody wants to know: what became of the pushes of an event, of all devices or of one. */
export interface ExplainRequest {
  readonly appKey: string;
  readonly eventHash: string;
  readonly deviceHash?: string | undefined;
}

/** How a dispatch ended, and when (milliseconds since the epoch). */
export interface TracedEnd {
  readonly outcome: string;
  readonly reason: string;
  readonly endedAt: number;
}

/** One dispatch as far as it is remembered. Times are milliseconds since the epoch; null: not known. */
export interface TracedDispatch {
  readonly id: string;
  readonly acceptedAt: number | null;
  /** The process that accepted it. */
  readonly ingress: string | null;
  /** `parked`: it waits, and its app does not run. */
  readonly state: 'waiting' | 'delayed' | 'active' | 'parked' | 'ended';
  /** As the ledger has it; null: it has not ended, or nobody knows how. */
  readonly outcome: string | null;
  readonly reason: string | null;
  readonly endedAt: number | null;
  readonly attempts: number;
  /** Oldest first; of one that ended well only its last. */
  readonly history: readonly Attempt[];
  /** How it had ended before it was sent again by a replay. */
  readonly before: TracedEnd | null;
}

export interface TracedDevice {
  readonly deviceHash: string;
  /** Oldest first. */
  readonly dispatches: readonly TracedDispatch[];
  /** Resends of the homeserver that were absorbed. */
  readonly duplicates: { readonly count: number; readonly lastAt: number } | null;
  /** When the homeserver was last told, instead of a push, that the pushkey is dead. */
  readonly toldRejectedAt: number | null;
}

export interface Explanation {
  readonly appKey: string;
  readonly eventHash: string;
  readonly deviceHash: string | null;
  readonly devices: readonly TracedDevice[];
  /** One sentence for whoever asks. */
  readonly verdict: string;
  /** What was accepted since then is remembered (milliseconds since the epoch); null: nothing is. */
  readonly keptSince: number | null;
  /** There are more devices than are shown. */
  readonly truncated: boolean;
}

/** Answers why a device did not get its push. Rejects when Redis does. */
export type Explain = (request: ExplainRequest) => Promise<Explanation>;
