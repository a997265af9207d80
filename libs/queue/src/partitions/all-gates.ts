import { within } from '@reveille/observability';
import type { AppGate, GateState } from '../app-gate';

/** The first closes an app most. */
const CLOSED_MOST: readonly GateState['state'][] = ['paused', 'parked', 'outage', 'held', 'probing', 'recovering'];

export interface AllGatesOptions {
  /** Those of all queues of the app; there is always one. */
  readonly find: () => Promise<readonly AppGate[]>;
  /** Those that `current` goes by. */
  readonly known: () => readonly AppGate[];
}

/** So long the gates whose part of a Cluster is away are waited for, in milliseconds. */
const PATIENCE_MS = 1000;

/**
 * The gates of all queues of an app as one: what closes one closes all, and it is as closed as the most closed of them. Operators'
 * words must reach all; what a push has shown reaches those that can be reached, and the others find it out by their own pushes.
 */
export function createAllGates({ find, known }: AllGatesOptions): AppGate {
  const tell = async (word: (gate: AppGate) => Promise<boolean>): Promise<boolean> => {
    const answers: boolean[] = [];
    const told = (await find()).map(async (gate) => answers.push(await word(gate)));
    await within(Promise.allSettled(told), PATIENCE_MS, undefined);
    // Rejects as the first of them does, or waits for it.
    if (answers.length === 0) await Promise.race(told);
    return answers.includes(true);
  };
  return {
    get current() {
      return together(known().map(({ current }) => current));
    },
    read: async () => together(await Promise.all((await find()).map((gate) => gate.read()))),
    park: (reason) => tell((gate) => gate.park(reason)),
    hold: (reason, ms) => tell((gate) => gate.hold(reason, ms)),
    interrupt: (reason) => tell((gate) => gate.interrupt(reason)),
    worked: () => tell((gate) => gate.worked()),
    async pause(reason, by) {
      const paused = await Promise.all((await find()).map((gate) => gate.pause(reason, by)));
      return paused.includes(true);
    },
    async resume() {
      await Promise.all((await find()).map((gate) => gate.resume()));
    },
    async tick() {
      await Promise.all((await find()).map((gate) => gate.tick()));
    },
  };
}

/** Of gates of the same kind: since the first of them, until the last. */
function together(states: readonly (GateState | undefined)[]): GateState | undefined {
  const closed = states.filter((state) => state !== undefined);
  const [first] = closed;
  if (closed.length <= 1 || !first) return first;
  const [most = first] = closed.toSorted((a, b) => CLOSED_MOST.indexOf(a.state) - CLOSED_MOST.indexOf(b.state));
  const changes = closed.flatMap(({ changed }) => changed ?? []);
  const same = closed.filter(({ state }) => state === most.state);
  return {
    ...most,
    since: Math.min(...same.map(({ since }) => since)),
    until: Math.max(...same.map(({ until }) => until)),
    ...(changes.length > 0 && { changed: Math.max(...changes) }),
  };
}
