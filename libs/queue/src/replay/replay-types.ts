import type { FailedFilter } from '../failed/failed-filter';
import type { End } from '../ledger-lua';
import type { StandsWhy } from './app-replay';
import type { NotSent } from './replay-lua';

/** What is to be sent again, and how. */
export interface ReplayRequest {
  readonly filter: FailedFilter;
  /** Those past their deadline too, with a new one. */
  readonly includeExpired: boolean;
  /** Pushes a second, over all apps. */
  readonly rate: number;
}

/** What a replay would do now: a partition of `matched`. */
export interface ReplayPreview {
  readonly matched: number;
  readonly wouldSend: number;
  readonly notSent: Readonly<Record<NotSent, number>>;
  /** Not all could be looked at in time: the parts are in proportion to those that were. */
  readonly isEstimated: boolean;
}

export const REPLAY_STATES = ['running', 'paused', 'cancelled', 'done'] as const;
export type ReplayState = (typeof REPLAY_STATES)[number];

/** It sends nothing any more, and no state follows. */
export function isReplayOver({ state }: { readonly state: ReplayState }): boolean {
  return state === 'cancelled' || state === 'done';
}

/** A replay as it was asked for, by whom and when, and its state. */
export interface StartedReplay extends ReplayRequest {
  readonly id: string;
  readonly state: ReplayState;
  /** Who started it. */
  readonly by: string;
  /** Milliseconds since the epoch. What failed later is none of its. */
  readonly createdAt: number;
}

/** With what became of it until now. */
export interface Replay extends StartedReplay {
  /** Failed pushes that it covers. */
  readonly matched: number;
  /** Of those: the ones that have ended, or were not sent. */
  readonly done: number;
  /** How those that were sent have ended. */
  readonly ends: Readonly<Record<End, number>>;
  /** Sent, and not ended yet. */
  readonly waiting: number;
  /** While it runs: apps that take nothing from it now, and why; it goes on when they do. */
  readonly waitsFor: readonly { readonly app: string; readonly why: StandsWhy }[];
  readonly notSent: Readonly<Record<NotSent, number>>;
}

/** Failed pushes, sent again: once each, whoever asks, and whoever dies on the way. Everything rejects when Redis does. */
export interface Replays {
  /** Changes nothing; within about a second. */
  preview(request: Omit<ReplayRequest, 'rate'>): Promise<ReplayPreview>;
  /** Begins a replay of what matches now; resolves with its id (a UUID; default: a new one). It goes on wherever `work` runs. */
  start(request: ReplayRequest, by: string, id?: string): Promise<string>;
  /** Newest first. */
  list(): Promise<readonly Replay[]>;
  read(id: string): Promise<Replay | undefined>;
  /** True: this call did it. A replay that is over stays as it is. */
  pause(id: string): Promise<boolean>;
  resume(id: string): Promise<boolean>;
  /** What was not sent yet stays failed. */
  cancel(id: string): Promise<boolean>;
  /**
   * Works off all replays that run, one process each, until the signal; takes over those whose process died. Never rejects.
   *
   * @param only this replay: resolves when it is over, or paused
   */
  work(options: { readonly signal: AbortSignal; readonly only?: string; readonly onError: (error: unknown) => void }): Promise<void>;
}
