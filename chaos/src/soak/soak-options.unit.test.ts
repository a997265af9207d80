import { parseSoakOptions } from './soak-options';

it('has working defaults', () => {
  expect(parseSoakOptions([], 42)).toEqual({ ok: true, options: { minutes: 20, rate: 50, seed: 42, report: false } });
});

it('takes all of them', () => {
  const options = { minutes: 0.5, rate: 10, seed: 7, report: true };
  expect(parseSoakOptions(['--minutes', '0.5', '--rate', '10', '--seed', '7', '--report'], 42)).toEqual({ ok: true, options });
});

it.each([
  [['--minutes', '0'], "--minutes must be a number above 0 and up to 10000, not '0'"],
  [['--rate', 'x'], "--rate must be a number above 0 and up to 10000, not 'x'"],
  [['--other'], 'other'],
])('refuses %j', (args, message) => {
  expect(parseSoakOptions(args, 42)).toEqual({ ok: false, message: expect.stringContaining(message) as string });
});
