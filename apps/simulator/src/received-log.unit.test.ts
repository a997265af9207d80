import { type ReceivedEntry, ReceivedLog } from './received-log';

const entry = (pushkey: string, body = '{}'): ReceivedEntry => ({
  provider: 'apns',
  at: 0,
  pushkey,
  rawHeaders: {},
  body,
  status: null,
  reason: undefined,
});
const pushkeys = (log: ReceivedLog) => log.list().map(({ pushkey }) => pushkey);

test('keeps the latest, in order', () => {
  const log = new ReceivedLog(3);
  for (const pushkey of ['a', 'b', 'c', 'd', 'e']) log.add(entry(pushkey));
  expect(pushkeys(log)).toEqual(['c', 'd', 'e']);
  log.clear();
  expect(pushkeys(log)).toEqual([]);
  log.add(entry('f'));
  expect(pushkeys(log)).toEqual(['f']);
});

test('keeps nothing with a limit of 0', () => {
  const log = new ReceivedLog(0);
  log.add(entry('a'));
  expect(pushkeys(log)).toEqual([]);
});

test('filters by pushkey, and shows a body that is not JSON as it is', () => {
  const log = new ReceivedLog(3);
  log.add(entry('a', '{"x":1}'));
  log.add(entry('b', 'oops'));
  expect(log.list({ pushkey: 'a' })).toMatchObject([{ payload: { x: 1 } }]);
  expect(log.list({ pushkey: 'b' })).toMatchObject([{ payload: 'oops' }]);
});

test('waiting: at once when they are there already, else on arrival', async () => {
  const log = new ReceivedLog(9);
  log.add(entry('a'));
  await expect(log.waitFor(1, {}, 1000)).resolves.toHaveLength(1);
  const both = log.waitFor(2, { pushkey: 'a' }, 1000);
  log.add(entry('b'));
  const answered = entry('a');
  log.add(answered);
  // Answered within the same turn: the waiter sees it.
  answered.status = 200;
  await expect(both).resolves.toMatchObject([{ status: null }, { status: 200 }]);
});

test('waiting starts again after clear()', async () => {
  const log = new ReceivedLog(9);
  log.add(entry('a'));
  const two = log.waitFor(2, {}, 1000);
  log.clear();
  log.add(entry('b'));
  log.add(entry('c'));
  await expect(two).resolves.toHaveLength(2);
});

test('waiting ends at its deadline and with the simulator, without naming a pushkey', async () => {
  const log = new ReceivedLog(9);
  log.add(entry('secret'));
  await expect(log.waitFor(2, { pushkey: 'secret' }, 5)).rejects.toThrow('1 of 2 pushes arrived within 5 ms');
  const waiting = log.waitFor(2, {}, 60_000);
  log.close();
  await expect(waiting).rejects.toThrow('closed');
});
