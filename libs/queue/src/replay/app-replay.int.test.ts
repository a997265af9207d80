import { randomUUID } from 'node:crypto';
import { createDispatchCodec } from '../dispatch-codec';
import { createFailedPushes } from '../failed/failed-pushes';
import { createAppReplay, replayScripts, type AppReplay } from './app-replay';
import { addPart, readPart } from './replay-part';
import { LIMITS, useTestReplays } from './test-replay';

const { redis, prefix, base, queue, fail, difference } = useTestReplays();

const UNTIL = 9_999_999_999_999;
const codec = createDispatchCodec();
const failedPushes = () => createFailedPushes({ redis: redis(), prefix: prefix(), apps: () => Promise.resolve(['a']), codec });
function appReplay(): AppReplay {
  const options = {
    ...{ redis: redis(), prefix: prefix(), failed: failedPushes(), apps: () => Promise.resolve(['a']), codec },
    limits: () => LIMITS,
    look: { lua: 'return false' },
    duplicateWindowMs: 60_000,
  };
  return createAppReplay(options, replayScripts(options), 'a');
}
const request = (id: string, limit: number) => ({ id, filter: {}, includeExpired: false, limit });

it('a step from a place that another process has left already changes nothing', async () => {
  await fail([{}, {}, {}, {}]);
  const id = randomUUID();
  await addPart(redis(), base(), { id, matched: 4, until: UNTIL });
  const start = { cursor: undefined, until: UNTIL };
  // Both read the same two pushes before either sends.
  const steps = await Promise.all([appReplay().step(start, request(id, 2)), appReplay().step(start, request(id, 2))]);
  expect(steps.filter((step) => step !== 'elsewhere')).toMatchObject([{ sent: 2 }]);
  const part = await readPart(redis(), base(), id);
  expect(part).toMatchObject({ sent: 2, waiting: 2, isFinished: false, notSent: { gone: 0 } });
  expect(await queue().getFailedCount()).toBe(2);
  const after = { cursor: part?.cursor, until: UNTIL };
  expect(await appReplay().step(after, request(id, 5))).toMatchObject({ sent: 2, isFinished: true });
  expect(await appReplay().step(after, request(id, 5))).toBe('elsewhere');
  expect(await queue().getFailedCount()).toBe(0);
  expect(await difference()).toBe(0);
});

it('a push that was sent by somebody else since it was read, and failed again, is none of this step', async () => {
  const [id = ''] = await fail([{}]);
  const places = await failedPushes().oldestFirst('a', {}, { after: undefined, until: UNTIL, limit: 10 });
  expect(await appReplay().look(places, { includeExpired: false })).toMatchObject([{ decision: 'send', push: { id } }]);
  await fail([{ id }], codec, { failedAt: Date.now() });
  expect(await appReplay().look(places, { includeExpired: false })).toMatchObject([{ decision: 'gone' }]);
});

it('a push that failed again in the same millisecond is counted once', async () => {
  const failedAt = Date.now() - 1000;
  const [pushId = ''] = await fail([{}], codec, { failedAt });
  const id = randomUUID();
  await addPart(redis(), base(), { id, matched: 1, until: UNTIL });
  const step = await appReplay().step({ cursor: undefined, until: UNTIL }, request(id, 1));
  if (typeof step === 'string') throw new Error(step);
  expect(step).toMatchObject({ sent: 1, isFinished: false });
  await fail([{ id: pushId }], codec, { failedAt: failedAt + 1 });
  expect(await appReplay().step({ cursor: step.cursor, until: UNTIL }, request(id, 1))).toMatchObject({ sent: 0 });
  expect(await readPart(redis(), base(), id)).toMatchObject({ sent: 1, matched: 1 });
});
