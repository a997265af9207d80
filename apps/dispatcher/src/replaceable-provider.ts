import type { Dispatch, Provider, SendOutcome } from '@reveille/provider';

/** A provider that another one can take the place of while pushes flow. */
export interface ReplaceableProvider extends Provider {
  /** What is in flight ends with the old one, whose connections close after that; what comes next goes to `next`. */
  replace(next: Provider): void;
}

interface Generation {
  readonly provider: Provider;
  inFlight: number;
}

/** Starts with `first`. Both have to be of the same type. */
export function createReplaceableProvider(first: Provider): ReplaceableProvider {
  let current: Generation = { provider: first, inFlight: 0 };
  const retiring = new Set<Generation>();
  let closed: Promise<void> | undefined;

  const sendWith = async (used: Generation, dispatch: Dispatch): Promise<SendOutcome> => {
    used.inFlight += 1;
    try {
      return await used.provider.send(dispatch);
    } finally {
      used.inFlight -= 1;
      closeIfDone(used);
    }
  };
  // Not before its last push has ended: closing fails what still waits for a stream of it.
  const closeIfDone = (old: Generation): void => {
    if (old.inFlight > 0 || !retiring.delete(old)) return;
    void old.provider.close(0);
  };

  return {
    type: first.type,
    async send(dispatch) {
      const used = current;
      const outcome = await sendWith(used, dispatch);
      // That the old credential was refused says nothing about the new one, and would park the app again. It was not
      // delivered, so this is no second copy.
      return outcome.kind === 'parked' && used !== current ? sendWith(current, dispatch) : outcome;
    },
    credentials: () => current.provider.credentials(),
    async close(graceMs) {
      const generations = [current, ...retiring];
      retiring.clear();
      closed = Promise.all(generations.map(({ provider }) => provider.close(graceMs))).then(() => undefined);
      await closed;
    },
    replace(next) {
      if (closed) {
        void next.close(0);
        return;
      }
      const old = current;
      current = { provider: next, inFlight: 0 };
      retiring.add(old);
      closeIfDone(old);
    },
  };
}
