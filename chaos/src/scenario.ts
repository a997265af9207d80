import type { Audit } from './audit';
import type { ChaosRedis } from './chaos-redis';
import type { ChaosStage } from './chaos-stage';

/** What a scenario found: the books, and what the processes did. Times in milliseconds. */
export interface Findings extends Audit {
  /** By how much the relay's own ledger does not close. */
  readonly ledgerDifference: number;
  /** Without a 2xx when all was over. */
  readonly unacknowledged: number;
  /** Pushes that had not ended when the patience was over. */
  readonly unended: number;
  /** Ends of processes that nobody asked for. */
  readonly crashes: number;
  /** From the end of the fault until every process said that it is ready. */
  readonly readyMs: number;
  /** From the end of the fault (or of the load, if that is later) until no push waited any more. */
  readonly settledMs: number;
}

/** The most that each figure may be. What is absent must be 0. */
export interface Bounds {
  readonly lost?: number;
  readonly lostWindowMs?: number;
  readonly expired?: number;
  readonly secondPushes: number;
  readonly differentIds?: number;
  readonly readyMs: number;
  /** Longest time from acknowledgement to delivery. */
  readonly delayMs: number;
}

/** What a fault has to say beside the figures. */
export type FaultNote = string | undefined;

/** One fault, or several. `R` is the set-up of Redis that it needs. */
export interface Scenario<R extends ChaosRedis = ChaosRedis> {
  /** What `--only` names. */
  readonly name: string;
  /** One line for the report. */
  readonly summary: string;
  /** Starts the Redis of the scenario in this folder. */
  readonly startRedis: (directory: string) => Promise<R>;
  /** How long the load lasts at least, in milliseconds; it goes on until the fault is over. */
  readonly loadMs: number;
  /** Sections of the relay's configuration. */
  readonly sections?: Readonly<Record<string, unknown>>;
  /** Does the damage and repairs it; resolves when the fault is over. */
  readonly inflict: (stage: ChaosStage<R>) => Promise<FaultNote>;
  /** For so many pushes. */
  readonly bounds: (pushes: number) => Bounds;
}
