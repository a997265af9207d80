import { parseChaosOptions, usage } from './chaos-options';

const NAMES = ['one', 'two'];

it('has working defaults', () => {
  expect(parseChaosOptions([], NAMES, 42)).toEqual({ ok: true, options: { seed: 42, pushes: 4000, report: false } });
});

it('takes all of them', () => {
  const args = ['--seed', '7', '--only', 'two,one', '--pushes', '10', '--report'];
  const options = { seed: 7, only: ['two', 'one'], pushes: 10, report: true };
  expect(parseChaosOptions(args, NAMES, 42)).toEqual({ ok: true, options });
});

it.each([
  [['--only', 'one,three'], "--only: 'three' is none of one, two"],
  [['--pushes', '0'], "--pushes must be a whole number from 1 to 1000000, not '0'"],
  [['--seed', 'x'], "--seed must be a whole number from 1 to 2147483647, not 'x'"],
  [['--other'], 'other'],
])('refuses %j', (args, message) => {
  expect(parseChaosOptions(args, NAMES, 42)).toEqual({ ok: false, message: expect.stringContaining(message) as string });
});

it('names the scenarios in its usage', () => {
  expect(usage(NAMES)).toContain('one, two');
});
