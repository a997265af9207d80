import { eventuallyPasses } from '@reveille/testing';
import { REPLAY_FIELD } from './replay/replay-lua';
import { useTestQueue } from './test-queue';

const { redis, prefix, enqueue, work } = useTestQueue();

it('a worker knows at every attempt which pushes a replay put back, however it came to them', async () => {
  const ids = await enqueue(4);
  const replayed = ids.filter((_, index) => index % 2 === 0);
  for (const id of replayed) await redis().hset(`${prefix()}:{a}:${id}`, REPLAY_FIELD, 'r');
  const seen: string[] = [];
  // One at a time: the end of one hands over the next.
  work(({ dispatch, attemptsMade, isReplayed }) => {
    seen.push(`${dispatch?.id} ${attemptsMade} ${isReplayed}`);
    return Promise.resolve(attemptsMade === 0 ? { kind: 'retry', delayMs: 10, reason: 'x' } : { kind: 'done', end: 'delivered', reason: 'ok' });
  }, 1);
  const expected = ids.flatMap((id) => [0, 1].map((attempt) => `${id} ${attempt} ${replayed.includes(id)}`));
  await eventuallyPasses(() => expect(seen.toSorted()).toEqual(expected.toSorted()));
});
