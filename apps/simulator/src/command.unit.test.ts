import { parseCommand } from './command';

test.each([
  { answer: { status: 410, reason: 'Unregistered', timestamp: 1 } },
  {
    provider: 'fcm',
    pushkey: 'a',
    times: 2,
    latencyMs: 10,
    answer: { status: 429, errorCode: 'QUOTA_EXCEEDED', retryAfter: '5' },
  },
  { provider: 'token', answer: { fault: 'hang' } },
])('accepts %j', (command) => {
  expect(parseCommand(command)).toEqual({ ok: true, command });
});

test.each<[unknown, string]>([
  [{}, 'answer: '],
  [{ answer: { status: 99 } }, 'answer.status: '],
  [{ answer: { status: '410' } }, 'answer.status: '],
  [{ answer: { fault: 'explode' } }, 'answer.fault: '],
  [{ answer: { status: 410, reasons: 'x' } }, 'answer: '],
  [{ answer: { status: 410 }, times: 0 }, 'times: '],
  [{ answer: { status: 410 }, provider: 'webpush' }, 'provider: '],
  [{ answer: { status: 410 }, device: 'a' }, 'command: '],
  [[], 'command: '],
  [undefined, 'command: '],
])('refuses %j with the path of the field', (command, path) => {
  const parsed = parseCommand(command);
  expect(parsed.ok ? [] : parsed.problems).toEqual([expect.stringContaining(path)]);
});
