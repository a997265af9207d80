import { makeQuota } from './quota';

let time = 1000;
beforeEach(() => (time = 1000));
const quotaOf = (settings: Parameters<ReturnType<typeof makeQuota>['set']>[0]) => {
  const quota = makeQuota(() => time);
  quota.set(settings);
  return quota;
};

test('without one everything is taken', () => {
  const quota = quotaOf(undefined);
  expect(Array.from({ length: 1000 }, () => quota.admits('a'))).not.toContain(false);
  expect(quota.windows()).toEqual([]);
});

test('a project has so many in a window, and all of them again in the next, whenever it begins', () => {
  const quota = quotaOf({ project: { count: 2, windowMs: 100, startsAt: 1050 } });
  expect([1, 2, 3].map(() => quota.admits('a'))).toEqual([true, true, false]);
  time = 1049;
  expect(quota.admits('b')).toBe(false);
  time = 1050;
  expect(quota.admits('b')).toBe(true);
  expect(quota.windows()).toEqual([
    { from: 950, admitted: 2, refused: 2 },
    { from: 1050, admitted: 1, refused: 0 },
  ]);
});

test('a device has its own, and what it is refused is no use of the project', () => {
  const quota = quotaOf({ project: { count: 3, windowMs: 100 }, device: { count: 1, windowMs: 1000 } });
  expect(['a', 'a', 'a', 'b', 'c'].map((pushkey) => quota.admits(pushkey))).toEqual([true, false, false, true, true]);
  time = 1100;
  expect(['a', 'd'].map((pushkey) => quota.admits(pushkey))).toEqual([false, true]);
});
