export interface TurnBatchOptions<Entry> {
  /** Most parts in one batch; a single entry may have more. */
  readonly most: number;
  /** Parts of an entry. */
  readonly sizeOf: (entry: Entry) => number;
  /** Called once for each batch, never with none. It must not throw. */
  readonly run: (key: string, batch: readonly Entry[]) => void;
}

/**
 * Gathers what arrives in one turn of the event loop, by key and in order, and hands it on in batches. Nobody waits for
 * company: what is alone in its turn is a batch of one.
 */
export function createTurnBatches<Entry>(options: TurnBatchOptions<Entry>): (key: string, entry: Entry) => void {
  let waiting = new Map<string, Entry[]>();

  const flush = (): void => {
    const gathered = waiting;
    waiting = new Map();
    for (const [key, entries] of gathered) {
      for (const batch of inBatches(entries, options)) options.run(key, batch);
    }
  };

  return (key, entry) => {
    if (waiting.size === 0) setImmediate(flush);
    const ofKey = waiting.get(key);
    if (ofKey) ofKey.push(entry);
    else waiting.set(key, [entry]);
  };
}

function inBatches<Entry>(entries: readonly Entry[], { most, sizeOf }: TurnBatchOptions<Entry>): Entry[][] {
  const batches: Entry[][] = [];
  let size = most;
  for (const entry of entries) {
    if (size + sizeOf(entry) > most) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)?.push(entry);
    size += sizeOf(entry);
  }
  return batches;
}
