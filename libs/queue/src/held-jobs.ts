import type { HandedJob } from './handed-job';

/** Milliseconds. */
export interface LockTiming {
  readonly lockMs: number;
  readonly renewMs: number;
}

export interface HeldJobsOptions extends LockTiming {
  /** Makes locks hold for `lockMs` from now on; resolves with the ids of those that were lost. */
  readonly extend: (ids: string[], tokens: string[], lockMs: number) => Promise<string[]>;
  readonly onError: (error: Error) => void;
}

/** The jobs that are under way in this process. While it lives, their locks hold. */
export interface HeldJobs {
  readonly size: number;
  add(job: HandedJob): void;
  has(job: HandedJob): boolean;
  delete(job: HandedJob): void;
  /** Takes all of them out. */
  takeAll(): HandedJob[];
  stop(): void;
}

export function createHeldJobs({ extend, onError, lockMs, renewMs }: HeldJobsOptions): HeldJobs {
  const held = new Map<HandedJob, number>();
  const renew = async (): Promise<void> => {
    const now = performance.now();
    const due = [...held].flatMap(([job, renewedAt]) => (renewedAt + renewMs / 2 < now ? [job] : []));
    if (due.length === 0) return;
    for (const job of due) held.set(job, now);
    try {
      const lost = await extend(
        due.map(({ id }) => id),
        due.map(({ token }) => token),
        lockMs,
      );
      for (const id of lost) onError(new Error(`could not renew lock for job ${id}`));
    } catch (error) {
      onError(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const timer = setInterval(() => void renew(), renewMs / 2).unref();
  return {
    get size() {
      return held.size;
    },
    add: (job) => void held.set(job, performance.now()),
    has: (job) => held.has(job),
    delete: (job) => void held.delete(job),
    takeAll() {
      const all = [...held.keys()];
      held.clear();
      return all;
    },
    stop: () => clearInterval(timer),
  };
}
