// A worker in a process of its own, which a push to the device `poison` kills. Arguments: Redis URL, key prefix.
import { connectWorker } from './connect-redis';
import { createDispatchWorker } from './dispatch-worker';

const [, , url = '', prefix = ''] = process.argv;

createDispatchWorker({
  appKey: 'a',
  prefix,
  redis: connectWorker({ url }),
  clock: { now: Date.now, ahead: () => 0, synchronised: Promise.resolve(), stop: () => undefined },
  concurrency: 10,
  deadLetters: { maxAgeMs: 60_000, maxCount: 100 },
  timing: { lockMs: 400, renewMs: 100, stalledCheckMs: 100 },
  process: async ({ dispatch }) => {
    if (dispatch?.deviceHash === 'poison') process.kill(process.pid, 'SIGKILL');
    await new Promise(setImmediate);
    return { kind: 'done', end: 'delivered' };
  },
  onPoison: () => undefined,
  onError: () => undefined,
});
