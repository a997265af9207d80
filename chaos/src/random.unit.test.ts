import { makeDevices } from './devices';
import { createPushFactory } from './notification';
import { pick, seededRandom, shuffle } from './random';

const series = (seed: number): number[] => Array.from({ length: 1000 }, seededRandom(seed));

it('gives the same numbers for the same seed, others for another', () => {
  expect(series(7)).toEqual(series(7));
  expect(series(7)).not.toEqual(series(8));
});

it('gives numbers in [0, 1) that are spread over it', () => {
  const numbers = series(1);
  for (const number of numbers) expect(number >= 0 && number < 1).toBe(true);
  const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  expect(mean).toBeGreaterThan(0.45);
  expect(mean).toBeLessThan(0.55);
});

it('shuffles without losing any, and picks what is there', () => {
  const items = [1, 2, 3, 4, 5, 6, 7, 8];
  const shuffled = shuffle(seededRandom(3), items);
  expect([...shuffled].sort()).toEqual(items);
  expect(shuffled).not.toEqual(items);
  expect(items).toContain(pick(seededRandom(3), items));
  expect(() => pick(seededRandom(3), [])).toThrow('nothing to pick from');
});

it('makes the same devices and the same pushes for the same seed', () => {
  const pushes = (seed: number): string[] => {
    const devices = makeDevices(50, seed);
    const makePush = createPushFactory(seededRandom(seed), seed);
    return Array.from({ length: 200 }, () => makePush(devices)).map(({ kind, key, body }) => `${kind} ${key} ${body}`);
  };
  expect(pushes(5)).toEqual(pushes(5));
  expect(pushes(5)).not.toEqual(pushes(6));
  expect(new Set(pushes(5).map((push) => push.split(' ')[0]))).toEqual(new Set(['event', 'counts', 'call']));
});
