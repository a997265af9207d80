import type { HandedJob } from './handed-job';
import type { DoneJob, Wanted, WorkReply, WorkStep } from './work-step';

export interface JobLoopOptions {
  readonly step: WorkStep;
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
/**
 * One place of so many is for the high lane alone: all others may be taken by low ones, whose answers come when the provider likes. A
 * worker that has fewer places keeps none.
 */
const HIGH_SHARE = 10;
/** How soon a worker that is full of low ones looks for high ones, in milliseconds. Nothing wakes it: low ones would, all the time. */
const LOOK_FOR_HIGH_MS = 20;
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
  /** Jobs that are being handled and places that are asked for, in all and of the low lane; steps under way. */
  const taken = { count: 0, low: 0 };
  let steps = 0;
  let looking = false;
  let scheduled = false;
  let waiting = false;
  let recovering = 0;
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
    let wanted = freePlaces();
    for (let start = 0; start < ended.length || wanted.count > 0; start += MOST) {
      const share = { count: Math.min(wanted.count, MOST), low: Math.min(wanted.low, MOST) };
      wanted = { count: wanted.count - share.count, low: wanted.low - share.low };
      void run(ended.slice(start, start + MOST), share);
      // Still more is taken when these were there.
      if (start + MOST >= ended.length) break;
    }
    checkDrained();
  };

  const freePlaces = (): Wanted => {
    // While it waits for work there is none.
    if (closing || waiting || recovering > 0) return { count: 0, low: 0 };
    const count = Math.max(0, places - taken.count);
    const low = places - Math.floor(places / HIGH_SHARE) - taken.low;
    return { count, low: Math.min(count, Math.max(0, low)) };
  };

  const run = async (ended: readonly DoneJob[], wanted: Wanted): Promise<void> => {
    taken.count += wanted.count;
    taken.low += wanted.low;
    steps++;
    try {
      const reply = await step(ended, wanted);
      reply.failures.forEach(options.onError);
      if (reply.refused.length > 0) recover(reply.refused);
      for (const job of reply.taken) void work(job);
      release(wanted);
      if (wanted.count > 0) lookAgain(wanted, reply);
    } catch (error) {
      release(wanted);
      options.onError(error instanceof Error ? error : new Error(String(error)));
      recover(ended);
    } finally {
      steps--;
      checkDrained();
    }
  };

  const release = ({ count, low }: Wanted): void => {
    taken.count -= count;
    taken.low -= low;
  };

  const lookAgain = (wanted: Wanted, reply: WorkReply): void => {
    if (reply.taken.length === wanted.count) schedule();
    else if (reply.isLowFull) lookForHigh();
    else void wait(reply.dueAt);
  };

  const lookForHigh = (): void => {
    if (looking) return;
    looking = true;
    setTimeout(() => {
      looking = false;
      schedule();
    }, LOOK_FOR_HIGH_MS).unref();
  };

  const work = async (job: HandedJob): Promise<void> => {
    const place = { count: 1, low: job.priority > 0 ? 1 : 0 };
    taken.count += place.count;
    taken.low += place.low;
    const result = await handle(job);
    release(place);
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

  /** What was done is told again, for as long as the process lives: else its lock ends, and another worker sends it again. */
  const recover = (ended: readonly DoneJob[]): void => {
    recovering++;
    setTimeout(() => {
      recovering--;
      done.push(...ended);
      schedule();
    }, RECOVER_MS).unref();
  };

  const checkDrained = (): void => {
    if (closing && taken.count + steps + recovering + done.length === 0) drained();
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
