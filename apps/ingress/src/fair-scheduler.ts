/** The task was not run: too many wait, and its source has the most of them, or it has waited too long. */
export const REFUSED = Symbol('refused');

export interface FairSchedulerOptions {
  /** Tasks that run at once. */
  readonly concurrency: number;
  /** Tasks that are started in one turn of the event loop. */
  readonly perTurn: number;
  /** The same while, or a moment ago, more wanted to run than may. */
  readonly perStrainedTurn: number;
  /** Calls back in the next turn of the event loop, after the sockets were looked at. */
  readonly nextTurn: (callback: () => void) => void;
  /** Tasks that run or wait. */
  readonly maxInFlight: number;
  /** A task that has waited so long is refused when its turn comes, in milliseconds: its sender has waited enough. */
  readonly maxWaitMs: number;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
}

/** Milliseconds: turns stay short so long after the last time that too many wanted to run. */
const STRAIN_MS = 1000;

/** Shares the work of one process between senders. */
export interface FairScheduler {
  /** Runs the task now, or when its source's turn comes. */
  run<T>(source: string, task: () => Promise<T>): Promise<T | typeof REFUSED>;
  /** Whether a task of this source would be refused now: known before its request is read. */
  readonly isOverShare: (source: string) => boolean;
  readonly waiting: () => number;
  /** How many sources are remembered. */
  readonly sources: () => number;
}

interface WaitingTask {
  readonly since: number;
  readonly start: () => void;
  readonly refuse: () => void;
}

interface SourceQueue {
  readonly source: string;
  readonly tasks: WaitingTask[];
}

/**
 * A bounded number of tasks runs; the others wait in a queue for each source, and the sources take turns. When too many
 * wait, the newest task of the longest queue is refused, so that whoever sends most is refused first and one that sends
 * little never waits behind more than one task of each other source. While fewer run than may, nothing is queued or remembered. A
 * source is forgotten with its last waiting task.
 *
 * A turn of the event loop starts few tasks, fewer under strain, since whoever sends little waits for two turns at least: the one that is
 * under way when it asks, and the one in which Redis answers. And libuv accepts one connection a turn (since 1.45), so that long turns would keep
 * new senders out for as long as known ones have anything to do.
 */
export function createFairScheduler(options: FairSchedulerOptions): FairScheduler {
  const { perTurn, perStrainedTurn, nextTurn, maxInFlight, maxWaitMs, now } = options;
  const maxRunning = Math.min(options.concurrency, maxInFlight);
  /** In the order of their turns. */
  const queues = new Map<string, SourceQueue>();
  const lengths = createLengthIndex();
  let running = 0;
  let waiting = 0;
  let startedThisTurn = 0;
  let strainedUntil = -Infinity;

  const mayStart = (): boolean => {
    if (running >= maxRunning) {
      strainedUntil = now() + STRAIN_MS;
      return false;
    }
    return startedThisTurn < (now() < strainedUntil ? Math.min(perTurn, perStrainedTurn) : perTurn);
  };
  const isFull = (): boolean => running + waiting >= maxInFlight;
  const turnEnded = (): void => {
    startedThisTurn = 0;
    next();
  };
  const next = (): void => {
    while (mayStart()) {
      const task = takeTurn();
      if (!task) return;
      if (now() - task.since > maxWaitMs) task.refuse();
      else task.start();
    }
  };
  const takeTurn = (): WaitingTask | undefined => {
    for (const queue of queues.values()) {
      const task = queue.tasks.shift();
      shortened(queue);
      // To the end of the round.
      if (queues.delete(queue.source) && queue.tasks.length > 0) queues.set(queue.source, queue);
      return task;
    }
    return undefined;
  };
  const shortened = (queue: SourceQueue): void => {
    waiting--;
    lengths.move(queue, queue.tasks.length + 1, queue.tasks.length);
  };
  const refuseNewestOf = (queue: SourceQueue): void => {
    const task = queue.tasks.pop();
    shortened(queue);
    if (queue.tasks.length === 0) queues.delete(queue.source);
    task?.refuse();
  };
  const isOverShare = (source: string): boolean =>
    isFull() && (queues.get(source)?.tasks.length ?? 0) >= lengths.max();
  const enqueue = (source: string, task: WaitingTask): void => {
    if (isOverShare(source)) {
      task.refuse();
      return;
    }
    const longest = isFull() ? lengths.longest() : undefined;
    if (longest) refuseNewestOf(longest);
    const queue = queues.get(source) ?? { source, tasks: [] };
    queues.set(source, queue);
    queue.tasks.push(task);
    waiting++;
    lengths.move(queue, queue.tasks.length - 1, queue.tasks.length);
  };

  return {
    run: (source, task) => {
      const start = (): ReturnType<typeof task> => {
        running++;
        if (startedThisTurn++ === 0) nextTurn(turnEnded);
        return task().finally(() => {
          running--;
          if (waiting > 0) next();
        });
      };
      if (waiting === 0 && mayStart()) return start();
      return new Promise((resolve) => {
        enqueue(source, { since: now(), start: () => resolve(start()), refuse: () => resolve(REFUSED) });
      });
    },
    isOverShare,
    waiting: () => waiting,
    sources: () => queues.size,
  };
}

/** The queues by their length, so that the longest is found at once however many senders wait. */
function createLengthIndex() {
  const byLength: Set<SourceQueue>[] = [];
  let max = 0;
  const at = (length: number): Set<SourceQueue> => (byLength[length] ??= new Set());
  return {
    max: () => max,
    longest(): SourceQueue | undefined {
      for (const queue of byLength[max] ?? []) return queue;
      return undefined;
    },
    /** By one, up or down; length 0 is not kept. */
    move(queue: SourceQueue, from: number, to: number): void {
      at(from).delete(queue);
      if (to > 0) at(to).add(queue);
      if (to > max) max = to;
      else if (from === max && at(from).size === 0) max = to;
    },
  };
}
