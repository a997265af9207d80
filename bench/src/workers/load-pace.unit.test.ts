import { LoadPace } from './load-pace';

it('begins whenever a connection is free, up to the count', async () => {
  const pace = new LoadPace({ perSecond: undefined, count: 5, connections: 2 });
  let begun = 0;
  const connection = (): void =>
    pace.take(() => {
      begun += 1;
      setImmediate(connection);
    });
  connection();
  connection();
  await pace.done;
  expect(begun).toBe(5);
  expect(pace.unsent).toBe(0);
});

it('keeps to its schedule, and says when a request was to begin', async () => {
  const pace = new LoadPace({ perSecond: 500, count: 10, connections: 1 });
  const dueAt: number[] = [];
  const startedAt = performance.now();
  const connection = (): void =>
    pace.take((at) => {
      expect(performance.now()).toBeGreaterThanOrEqual(at);
      dueAt.push(at);
      setImmediate(connection);
    });
  connection();
  await pace.done;
  expect(dueAt).toHaveLength(10);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(19);
  for (const [index, at] of dueAt.entries()) expect(at - (dueAt[0] ?? 0)).toBeCloseTo(index * 2);
});

it('counts what found no free connection, and ends when the last answer is there', async () => {
  const pace = new LoadPace({ perSecond: 1000, count: Infinity, connections: 1 });
  let answer = (): void => undefined;
  const begun = new Promise<void>((resolve) => {
    pace.take(() => {
      answer = () => pace.take(() => undefined);
      setTimeout(resolve, 20); // so that more become due
    });
  });
  await begun;
  pace.end();
  let isDone = false;
  void pace.done.then(() => (isDone = true));
  await new Promise(setImmediate);
  expect(isDone).toBe(false);
  answer();
  await pace.done;
  expect(pace.unsent).toBeGreaterThan(0);
});
