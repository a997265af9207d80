import type { DispatchOutcome } from './dispatch-notification';

/** What an outcome says of the provider: it answers, it does not, or nothing at all. */
export type ProviderEvidence = 'up' | 'out' | undefined;

/**
 * Whether an outcome shows a provider that is up or out: a 5xx, or no answer. A refusal of this push, of our credential or for a
 * quota is an answer of a provider that works.
 */
export function providerEvidence(outcome: DispatchOutcome): ProviderEvidence {
  switch (outcome.kind) {
    case 'delivered':
    case 'parked':
      return 'up';
    case 'rejected':
    case 'held-back':
    case 'undeliverable':
      return outcome.answer ? 'up' : undefined;
    case 'deferred': {
      if (outcome.scope === 'app') return 'up';
      const status = outcome.answer?.status;
      return status === undefined || status >= FIRST_SERVER_ERROR ? 'out' : 'up';
    }
    // Our own library fails for all alike: as good as out, and nobody's push is to blame.
    case 'faulted':
      return 'out';
    case 'skipped':
    case 'expired':
    case 'superseded':
    case 'over-quota':
      return undefined;
    default:
      return outcome satisfies never;
  }
}

const FIRST_SERVER_ERROR = 500;

/** When failures are an outage: so many of them within the window, and so large a share of all answers. */
export interface OutageThreshold {
  readonly failures: number;
  /** From 0 to 1. */
  readonly share: number;
}

/** A running app: a few failing pushes, or one device after another at 503, are no outage. */
export const RUNNING: OutageThreshold = { failures: 20, share: 0.7 };
/** An app that just recovers from one gets less patience. */
export const RECOVERING: OutageThreshold = { failures: 5, share: 0.5 };

/** Milliseconds. */
const WINDOW_MS = 10_000;
const SLICE_MS = 1000;

interface Slice {
  readonly from: number;
  up: number;
  out: number;
}

/** Counts what the provider of one app answered in the last ten seconds. */
export interface OutageWatch {
  /** Notes one piece of evidence; true when the failures have reached the threshold: then the count begins anew. */
  note(evidence: 'up' | 'out', threshold: OutageThreshold): boolean;
}

/** @param now milliseconds, from any moment on */
export function createOutageWatch(now: () => number): OutageWatch {
  let slices: Slice[] = [];
  return {
    note(evidence, { failures, share }) {
      const time = now();
      const last = slices.at(-1);
      if (!last || time >= last.from + SLICE_MS || time < last.from) {
        // A clock that was set back must not keep old slices alive.
        slices = slices.filter(({ from }) => from <= time && from > time - WINDOW_MS);
        slices.push({ from: time, up: 0, out: 0 });
      }
      const current = slices.at(-1);
      if (current) current[evidence]++;
      if (evidence === 'up') return false;
      const up = slices.reduce((sum, slice) => sum + slice.up, 0);
      const out = slices.reduce((sum, slice) => sum + slice.out, 0);
      const isOut = out >= failures && out / (out + up) >= share;
      if (isOut) slices = [];
      return isOut;
    },
  };
}
