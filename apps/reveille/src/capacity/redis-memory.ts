import type { Demand, MemorySettings } from './demand';
import type { Costs } from './measured-costs';

/** Bytes in Redis' `used_memory`, all masters together, at the worst moment that was asked for. */
export interface RedisMemory {
  /** What waits at the end of the outage. */
  readonly waiting: number;
  readonly duplicateMarks: number;
  readonly traces: number;
  readonly rejections: number;
  readonly failed: number;
  /** Ledger and statistics. */
  readonly books: number;
}

const MS_PER_S = 1000;
/**
 * Ledger and statistics of an app, an upper bound: 25 hours of minutes with at most 400 fields (ADR 21) of some 30 bytes are 18 MB;
 * 35 days of hours (ADR 15) add less than one.
 */
const BOOKS_BYTES = 20_000_000;
/** The trace is measured while the push waits; its end makes it longer, to at most some 580 bytes (ADR 21). */
const TRACE_END_BYTES = 250;

/** What Redis has to hold when providers are away for the outage at the full rate; past their deadline pushes wait no longer. */
export function redisMemory(demand: Demand, settings: MemorySettings, costs: Costs): RedisMemory {
  const accepted = (ms: number): number => Math.ceil((demand.rate * ms) / MS_PER_S);
  return {
    waiting: waitingPushes(demand, settings) * costs.waitingJob,
    duplicateMarks: accepted(settings.dedupeWindowMs) * costs.duplicateMark,
    traces: Math.min(demand.apps * settings.explainPushes, accepted(settings.explainKeepMs)) * (costs.trace + TRACE_END_BYTES),
    rejections: Math.ceil(demand.devices * demand.deadShare) * costs.rejection,
    failed: demand.apps * settings.deadLetters * costs.failedPush,
    books: demand.apps * BOOKS_BYTES,
  };
}

/** Pushes that wait at the end of the outage. */
export function waitingPushes({ rate, outageMs }: Demand, { maxAgeMs }: MemorySettings): number {
  return Math.ceil((rate * Math.min(outageMs, maxAgeMs)) / MS_PER_S);
}

export function sumOf(memory: RedisMemory): number {
  const { waiting, duplicateMarks, traces, rejections, failed, books } = memory;
  return waiting + duplicateMarks + traces + rejections + failed + books;
}
