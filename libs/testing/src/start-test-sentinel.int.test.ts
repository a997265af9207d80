import { eventuallyPasses } from './eventually';
import { startTestSentinel, type TestSentinel } from './start-test-sentinel';

let setUp: TestSentinel;
beforeAll(async () => {
  setUp = await startTestSentinel();
}, 60_000);
afterAll(() => setUp.stop());

it('the replica becomes master when the master hangs, and the hung one its replica afterwards', async () => {
  const old = await setUp.master();
  expect(old).toBe(setUp.nodes[0]);
  old.pause();
  const successor = await setUp.switchedFrom(old);
  old.resume();
  expect(successor).toBe(setUp.nodes[1]);
  await eventuallyPasses(
    async () => expect(await old.call('INFO', 'replication')).toContain('role:slave'),
    { timeoutMs: 40_000 },
  );
}, 120_000);
