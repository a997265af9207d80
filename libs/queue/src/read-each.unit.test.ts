import type { AppQueue } from './app-queue';
import { readEach } from './read-each';

/** Only its name is used. */
const queueOf = (appKey: string) => ({ appKey }) as AppQueue;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it('leaves out whom Redis does not answer for, and does not ask again meanwhile', async () => {
  const asked: string[] = [];
  let answer: (value: string) => void = () => undefined;
  const read = readEach([queueOf('a'), queueOf('b')], ({ appKey }) => {
    asked.push(appKey);
    return appKey === 'a' ? Promise.resolve('a') : new Promise<string>((resolve) => (answer = resolve));
  });
  for (let scrape = 0; scrape < 3; scrape += 1) {
    const reading = read();
    await jest.advanceTimersByTimeAsync(1000);
    expect(await reading).toEqual(['a']);
  }
  expect(asked).toEqual(['a', 'b', 'a', 'a']);
  answer('b');
  await jest.advanceTimersByTimeAsync(0);
  const reading = read();
  answer('b again');
  expect(await reading).toEqual(['a', 'b again']);
});

it('rejects when Redis does', async () => {
  await expect(readEach([queueOf('a')], () => Promise.reject(new Error('OOM')))()).rejects.toThrow('OOM');
});
