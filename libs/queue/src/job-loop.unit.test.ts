import type { HandedJob } from './handed-job';
import { createJobLoop } from './job-loop';
import type { DoneJob, Wanted, WorkReply } from './work-step';

const job = (id: string, priority = 0): HandedJob => ({
  ...{ id, priority, token: 't', data: {}, acceptedAt: '0', attemptsMade: 0, stalledCounter: 0, stacktrace: undefined, replay: '' },
});

/** A queue in memory that behaves as the script does; it refuses what `isAway` says. */
function createQueue(waiting: HandedJob[], isAway: () => boolean) {
  const ended: string[] = [];
  const asked: Wanted[] = [];
  let wake: (time: number) => void = () => undefined;
  return {
    ended,
    asked,
    stopWaiting: () => wake(0),
    untilWork: () => new Promise<number>((resolve) => (wake = resolve)),
    step: (done: readonly DoneJob[], wanted: Wanted): Promise<WorkReply> => {
      if (isAway()) return Promise.reject(new Error('Connection is closed.'));
      asked.push(wanted);
      ended.push(...done.map((one) => one.job.id));
      const taken = waiting.splice(0, wanted.count);
      return Promise.resolve({ failures: [], refused: [], taken, dueAt: 0, isLowFull: false });
    },
  };
}

it('tells again what was done while Redis was away, and is drained only then', async () => {
  let steps = 0;
  // The first step takes, the second was to end.
  const queue = createQueue([job('a'), job('b')], () => ++steps === 2);
  const errors: string[] = [];
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  let handled = 0;
  const bothHandled = new Promise<void>((resolve) => {
    const loop = createJobLoop({
      ...queue,
      now: Date.now,
      places: 2,
      onError: ({ message }) => errors.push(message),
      async handle(one) {
        await released;
        if (++handled === 2) resolve(loop.drain());
        return { job: one, end: 'delivered', ending: undefined };
      },
    });
    release();
  });
  await bothHandled;
  expect(queue.ended.sort()).toEqual(['a', 'b']);
  expect(errors).toEqual(['Connection is closed.']);
});

it('asks for as many as it has places, and of low ones for nine of ten', async () => {
  const queue = createQueue([], () => false);
  const loop = createJobLoop({
    ...{ ...queue, now: Date.now, places: 40, onError: () => undefined },
    handle: () => Promise.resolve(undefined),
  });
  await new Promise((resolve) => setImmediate(resolve));
  queue.stopWaiting();
  await loop.drain();
  expect(queue.asked[0]).toEqual({ count: 40, low: 36 });
});
