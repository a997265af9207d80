import type { HandedJob } from './handed-job';
import type { DoneJob, WorkReply } from './work-step';

export interface JobLoopOptions {
  readonly step: (done: readonly DoneJob[], wanted: number) => Promise<WorkReply>;
  /** Resolves when a job waits (with 0 or less), when the next delayed one is known (with its time), or after a while; `dueAt` as in WorkReply. */
  readonly untilWork: (dueAt: number) => Promise<number>;
  /** By the clock of `dueAt`. */
  readonly now: () => number;
  /** Does the job, to its end: resolves with how it was done, or with undefined when it has been moved elsewhere. Must not reject. */
  readonly handle: (job: HandedJob) => Promise<DoneJob | undefined>;
  readonly onError: (error: Error) => void;
  /** Jobs under way at once. */
  readonly places: number;
}

/** Takes jobs while there are places, and ends them. */
export interface JobLoop {
  setPlaces(count: number): void;
  /** Takes no more. Resolves when everything that was taken has ended. */
  drain(): Promise<void>;
}

/** Ends, and jobs taken, in one step: Redis serves nobody else meanwhile, and 50 of both take it about 2 ms. */
const MOST = 50;
/** Pause before Redis is asked again after it was away, in milliseconds. */
const RECOVER_MS = 1000;

/**
 * The answers of a provider arrive many at a time, and so do the ends: those of one turn of the event loop share a step, which also fills
 * their places. Nobody waits for company. While nothing waits, one blocking command does.
 */
export function createJobLoop(options: JobLoopOptions): JobLoop {
  const { step, untilWork, now, handle } = options;
  let places = options.places;
  let done: DoneJob[] = [];
  /** Jobs that are being handled, places asked for, and steps under way. */
  let handling = 0;
  let asked = 0;
  let steps = 0;
  let scheduled = false;
  let waiting = false;
  let recovering = false;
  let closing = false;
  let drained: () => void = () => undefined;
  const whenDrained = new Promise<void>((resolve) => (drained = resolve));

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    setImmediate(flush);
  };
  const flush = (): void => {
    scheduled = false;
    const ended = done;
    done = [];
    // While it waits for work there is none.
    let wanted = closing || waiting || recovering ? 0 : Math.max(0, places - handling - asked);
    for (let start = 0; start < ended.length || wanted > 0; start += MOST) {
      const share = Math.min(wanted, MOST);
      wanted -= share;
      void run(ended.slice(start, start + MOST), share);
      // Still more is taken when these were there.
      if (start + MOST >= ended.length) break;
    }
    checkDrained();
  };

  const run = async (ended: readonly DoneJob[], wanted: number): Promise<void> => {
    asked += wanted;
    steps++;
    try {
      const { failures, refused, taken, dueAt } = await step(ended, wanted);
      failures.forEach(options.onError);
      if (refused.length > 0) recover(refused);
      for (const job of taken) void work(job);
      asked -= wanted;
      if (wanted > 0 && taken.length === wanted) schedule();
      else if (wanted > 0) void wait(dueAt);
    } catch (error) {
      asked -= wanted;
      options.onError(error instanceof Error ? error : new Error(String(error)));
      recover(ended);
    } finally {
      steps--;
      checkDrained();
    }
  };

  const work = async (job: HandedJob): Promise<void> => {
    handling++;
    const result = await handle(job);
    handling--;
    if (result) done.push(result);
    schedule();
  };

  const wait = async (firstDueAt: number): Promise<void> => {
    if (waiting || closing) return;
    waiting = true;
    let dueAt = firstDueAt;
    do {
      dueAt = await untilWork(dueAt);
    } while (dueAt > now() && !closing);
    waiting = false;
    schedule();
  };

  /** What was done is told again, unless the process ends: then its lock ends, and another worker sends it again. */
  const recover = (ended: readonly DoneJob[]): void => {
    if (closing) return;
    recovering = true;
    setTimeout(() => {
      recovering = false;
      done.push(...ended);
      schedule();
    }, RECOVER_MS).unref();
  };

  const checkDrained = (): void => {
    if (closing && handling === 0 && steps === 0 && done.length === 0) drained();
  };

  schedule();
  return {
    setPlaces(count) {
      places = count;
      schedule();
    },
    drain() {
      closing = true;
      schedule();
      return whenDrained;
    },
  };
}
