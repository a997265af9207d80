import { CommandBook } from './command-book';
import type { SimulatorCommand } from './command';

const status = (status: number, rest: Partial<SimulatorCommand> = {}): SimulatorCommand => ({
  ...rest,
  answer: { status },
});

function bookOf(...commands: SimulatorCommand[]) {
  const book = new CommandBook();
  commands.forEach((command) => book.add(command));
  return (pushkey = 'a', provider: 'apns' | 'fcm' | 'token' = 'apns') => {
    const answer = book.take(provider, pushkey)?.answer;
    return answer && 'status' in answer ? answer.status : undefined;
  };
}

test('none: as usual', () => {
  expect(bookOf()()).toBeUndefined();
});

test('until cleared', () => {
  const book = new CommandBook();
  book.add(status(503));
  book.add(status(410, { pushkey: 'a' }));
  expect([book.take('apns', 'a'), book.take('fcm', 'b'), book.take('fcm', 'b')].every(Boolean)).toBe(true);
  book.clear();
  expect(book.take('apns', 'a')).toBeUndefined();
});

test('for the pushkey before everybody', () => {
  const take = bookOf(status(410, { pushkey: 'a', times: 1 }), status(503));
  expect([take('b'), take('a'), take('a')]).toEqual([503, 410, 503]);
});

test('counted ones first, in the order given, then the one until cleared', () => {
  const take = bookOf(status(500), status(429, { times: 2 }), status(503, { times: 1 }));
  expect([take(), take(), take(), take(), take()]).toEqual([429, 429, 503, 500, 500]);
});

test('of several until cleared the latest', () => {
  const take = bookOf(status(500), status(503), status(400, { times: 1 }));
  expect([take(), take(), take()]).toEqual([400, 503, 503]);
});

test('by provider; without one for both push services, not for the token endpoint', () => {
  const take = bookOf(status(500), status(503, { provider: 'fcm' }), status(401, { provider: 'token' }));
  expect([take('a', 'apns'), take('a', 'fcm'), take('', 'token')]).toEqual([500, 503, 401]);
  expect(bookOf(status(500))('', 'token')).toBeUndefined();
});

test('what is used up leaves nothing behind', () => {
  const take = bookOf(status(410, { pushkey: 'a', times: 1 }), status(500, { times: 1 }));
  expect([take(), take(), take()]).toEqual([410, 500, undefined]);
});
