import { eventuallyPasses, startTestSentinel, type TestNode, type TestSentinel } from '@reveille/testing';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkWritable } from './check-redis';
import { startTestRelay, type TestRelay } from './test-relay';

const APP = 'com.example.ios';
/** A homeserver is answered in time; what a busy machine adds is not what is tested. Milliseconds. */
const ANSWER_MS = 2500;

/** A worker gives a silent connection up after 30 s; it must have left the hung master before. Milliseconds. */
const BEFORE_SILENCE_MS = 20_000;

jest.setTimeout(180_000);

let setUp: TestSentinel;
let relay: TestRelay;
beforeAll(async () => {
  setUp = await startTestSentinel({ persistence: 'everysec' });
  relay = startTestRelay({ address: addressOf(setUp), apps: [APP] });
});
afterAll(async () => {
  await relay.close();
  await setUp.stop();
});

const addressOf = ({ addresses, name }: TestSentinel) => ({
  sentinels: addresses.map((address) => ({ host: '127.0.0.1', port: Number(address.split(':')[1]) })),
  name,
});

it('takes a push to the master that the Sentinels name, and gives it to the worker', async () => {
  await relay.arrival(await relay.enqueueUntilAccepted(APP));
  const master = await setUp.master();
  expect(String(await master.call('KEYS', `${relay.prefix}*`))).toContain('seen:');
});

it.each(['dies', 'hangs'])('the master %s: 503 in time, then its successor takes over, worker included', async (how) => {
  const old = await setUp.master();
  await relay.arrival(await relay.enqueueUntilAccepted(APP));
  if (how === 'dies') await old.kill();
  else old.pause();
  const start = performance.now();
  expect(await relay.enqueue(APP)).toMatchObject({ ok: false, reason: 'unavailable' });
  expect(performance.now() - start).toBeLessThan(ANSWER_MS);

  const successor = await setUp.switchedFrom(old);
  const id = await relay.enqueueUntilAccepted(APP);
  // While the old one hangs still: nobody may wait for it, the worker's blocking read included.
  await relay.arrival(id, BEFORE_SILENCE_MS);
  expect(await checkWritable(relay.producer, relay.prefix)).toBe(true);
  if (how === 'dies') await old.restart();
  else old.resume();
  await follows(old, successor);
  await relay.arrival(await relay.enqueueUntilAccepted(APP));
});

it('a user with the rights of docs/operations.md is enough at the Sentinels', async () => {
  const document = readFileSync(join(__dirname, '../../../docs/operations.md'), 'utf8');
  const rights = /^user reveille on >PASSWORD (.+sentinel.+)$/m.exec(document)?.[1]?.split(' ') ?? [];
  expect(rights).not.toEqual([]);
  for (const sentinel of setUp.sentinels) {
    await sentinel.call('ACL', 'SETUSER', 'reveille', 'on', '>secret', ...rights);
    await sentinel.call('ACL', 'LOG', 'RESET');
  }
  const address = { ...addressOf(setUp), sentinelUsername: 'reveille', sentinelPassword: 'secret' };
  const limited = startTestRelay({ address, apps: [APP] });
  await limited.arrival(await limited.enqueueUntilAccepted(APP));
  await limited.close();
  for (const sentinel of setUp.sentinels) expect(await sentinel.call('ACL', 'LOG')).toEqual([]);
});

it('one Sentinel hangs and another is away: the third is asked', async () => {
  const [first, second] = setUp.sentinels;
  first?.pause();
  await second?.kill();
  const late = startTestRelay({ address: addressOf(setUp), apps: [] });
  await late.enqueueUntilAccepted(APP);
  await late.close();
  first?.resume();
  await second?.restart();
});

it('all of them die and come back: producer and worker go on by themselves', async () => {
  const all = [...setUp.sentinels, ...setUp.nodes];
  await Promise.all(all.map((node) => node.kill()));
  expect(await relay.enqueue(APP)).toMatchObject({ ok: false });
  expect(await checkWritable(relay.producer, relay.prefix)).toMatch(/^Redis: /);
  await Promise.all(all.map((node) => node.restart()));
  await relay.arrival(await relay.enqueueUntilAccepted(APP));
});

/** The next test may take this successor away only when the old master can follow. */
async function follows(old: TestNode, successor: TestNode): Promise<void> {
  await eventuallyPasses(
    async () => {
      expect(await old.call('INFO', 'replication')).toMatch(/role:slave[^]*master_link_status:up/);
      expect(await setUp.master()).toBe(successor);
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );
}
