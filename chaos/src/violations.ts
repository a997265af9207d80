import type { Bounds, Findings } from './scenario';

/** What has a bound: the figure's name, in the report's words, and what it is. */
interface Rule {
  readonly what: string;
  readonly found: (findings: Findings) => number;
  /** Absent: 0. */
  readonly most?: (bounds: Bounds, findings: Findings) => number | undefined;
  /** Depends on how busy the machine is. */
  readonly isTime?: true;
}

export interface Violation {
  /** In words, with the figure and its bound. */
  readonly text: string;
  /** A time: on a busy machine it says nothing. */
  readonly isTime: boolean;
}

/** In every scenario: it takes two requests of one homeserver for one pusher that overtake each other. */
const OVERTAKEN_SHARE = 0.005;

const RULES: readonly Rule[] = [
  { what: 'acknowledged and lost', found: ({ lost }) => lost, most: ({ lost }) => lost },
  { what: 'window of the loss (ms)', found: ({ lostWindowMs }) => lostWindowMs, most: ({ lostWindowMs }) => lostWindowMs },
  { what: 'expired', found: ({ expired }) => expired, most: ({ expired }) => expired },
  { what: 'counts overtaken by older ones', found: ({ overtaken }) => overtaken, most: (_bounds, { acknowledged }) => Math.ceil(acknowledged * OVERTAKEN_SHARE) },
  { what: 'dead letters', found: ({ dead }) => dead },
  { what: 'living devices told to be dead', found: ({ wronglyRejected }) => wronglyRejected },
  { what: 'second pushes', found: ({ secondPushes }) => secondPushes, most: ({ secondPushes }) => secondPushes },
  { what: 'second pushes with other ids', found: ({ differentIds }) => differentIds, most: ({ differentIds }) => differentIds },
  { what: 'the ledger does not close', found: ({ ledgerDifference }) => ledgerDifference },
  { what: 'never acknowledged', found: ({ unacknowledged }) => unacknowledged },
  { what: 'still under way', found: ({ unended }) => unended },
  { what: 'crashed processes', found: ({ crashes }) => crashes },
  { what: 'ready again (ms)', found: ({ readyMs }) => readyMs, most: ({ readyMs }) => readyMs, isTime: true },
  { what: 'longest delay (ms)', found: ({ delayMs }) => delayMs.max, most: ({ delayMs }) => delayMs, isTime: true },
];

/** What is above its bound. */
export function violationsOf(findings: Findings, bounds: Bounds): Violation[] {
  return RULES.flatMap(({ what, found, most, isTime = false }) => {
    const value = found(findings);
    const bound = most?.(bounds, findings) ?? 0;
    return value > bound ? [{ text: `${what}: ${Math.round(value)}, at most ${bound}`, isTime }] : [];
  });
}
