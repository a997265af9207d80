import { parseBenchOptions } from './bench-options';

const parse = (...args: string[]) => parseBenchOptions(args, ['ingress', 'apns'], '/here');

it('measures everything when nothing is said', () => {
  expect(parse()).toEqual({ ok: true, options: { seconds: 3, rounds: 3 } });
});

it('reads every option; paths start at the working directory', () => {
  const files = ['--json', 'out.json', '--profile', '/tmp/p'];
  expect(parse('--only', 'apns', '--seconds', '0.3', '--rounds', '1', '--check', ...files)).toEqual({
    ok: true,
    options: { only: 'apns', seconds: 0.3, rounds: 1, check: true, json: '/here/out.json', profile: '/tmp/p' },
  });
});

it.each([
  ['--only', 'fcm', "--only: 'fcm' is none of ingress, apns"],
  ['--seconds', '0', '--seconds must be a number above 0'],
  ['--seconds', 'soon', '--seconds must be a number above 0'],
  ['--rounds', '', '--rounds must be a number above 0'],
])('refuses %s %s', (flag, value, message) => {
  expect(parse(flag, value)).toEqual({ ok: false, message: expect.stringContaining(message) as string });
});

it('refuses what it does not know', () => {
  expect(parse('--fast')).toMatchObject({ ok: false });
});
