/** Everything that is counted for an app in a minute, beside answers and times. */
export const STAT_FIELDS = [
  'accepted',
  'duplicates',
  'told',
  'delivered',
  'rejected',
  'skipped',
  'superseded',
  'expired',
  'dead',
  'retried',
] as const;
export type StatField = (typeof STAT_FIELDS)[number];

export type StatCounts = Readonly<Record<StatField, number>>;

/** Milliseconds from acceptance to delivery, within 10 %. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** One minute of an app. */
export interface StatMinute extends StatCounts {
  /** When it began, in milliseconds since the epoch. */
  readonly at: number;
  /** Null: nothing was delivered. */
  readonly timeToDelivery: Percentiles | null;
}

/** How often a provider answered so: HTTP status (`none`: no answer came) and reason, both from closed lists. */
export interface AnswerCount {
  readonly status: string;
  readonly reason: string;
  readonly count: number;
}

/** What an app did within a range of time. */
export interface StatRange {
  /** One for each minute, gaps included, oldest first. */
  readonly minutes: readonly StatMinute[];
  readonly totals: StatCounts;
}

/** What the overview shows of an app. */
export interface StatOverview {
  /** Of the last sixty seconds, as nearly as counts by the minute say it; `failed`: dead letters and expired. */
  readonly rates: { readonly accepted: number; readonly delivered: number; readonly rejected: number; readonly failed: number };
  /** Of the last 15 minutes. */
  readonly timeToDelivery: Percentiles | null;
  /** Of the last hour, most frequent first. */
  readonly answers: readonly AnswerCount[];
}

/** The statistics of apps as the processes have written them. Rejects when Redis does. */
export interface StatsReader {
  /** From and to in milliseconds since the epoch, both included; at most the last 25 hours. */
  read(appKey: string, range: { readonly from: number; readonly to: number }): Promise<StatRange>;
  overview(appKey: string): Promise<StatOverview>;
}

/** Counts in this process; written to Redis from time to time. Nothing here throws or waits. */
export interface StatsRecorder {
  count(appKey: string, field: StatField, times?: number): void;
  /** Milliseconds since the push was accepted. */
  delivered(appKey: string, sinceAcceptedMs: number): void;
  answered(appKey: string, answer: { readonly status?: number; readonly reason: string }): void;
  /** Writes what is counted and stops. Never rejects. */
  close(): Promise<void>;
}
