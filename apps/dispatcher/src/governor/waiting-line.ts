export type Lane = 'high' | 'low';

interface Waiting {
  readonly since: number;
  readonly answer: (mayGo: boolean) => void;
}

/** Pushes of one app that wait for their turn: high ones first, each lane in its order. */
export interface WaitingLine {
  /** Resolves with true when it may go, with false when it is dismissed. */
  join(lane: Lane): Promise<boolean>;
  /** Lets the first one go; false: nobody waits. */
  next(): boolean;
  /** Sends away who has waited for `ms` milliseconds or more. */
  dismiss(ms: number): void;
  size(): number;
}

/** @param now milliseconds */
export function createWaitingLine(now: () => number): WaitingLine {
  // A set keeps its order and gives up its first in constant time.
  const lanes: Readonly<Record<Lane, Set<Waiting>>> = { high: new Set(), low: new Set() };
  const first = (lane: Lane): Waiting | undefined => lanes[lane].values().next().value;
  return {
    join: (lane) => new Promise((answer) => lanes[lane].add({ since: now(), answer })),
    next() {
      const lane = lanes.high.size > 0 ? 'high' : 'low';
      const one = first(lane);
      if (one === undefined) return false;
      lanes[lane].delete(one);
      one.answer(true);
      return true;
    },
    dismiss(ms) {
      for (const lane of ['high', 'low'] as const) {
        for (const one of lanes[lane]) {
          if (now() - one.since < ms) break;
          lanes[lane].delete(one);
          one.answer(false);
        }
      }
    },
    size: () => lanes.high.size + lanes.low.size,
  };
}
