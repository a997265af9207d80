import { createLogger } from '@reveille/observability';
import type { Dispatch } from '@reveille/provider';
import { Writable } from 'node:stream';
import { guardSend } from './guard-send';

const dispatch: Dispatch = {
  id: 'id-1',
  kind: 'event',
  acceptedAt: 0,
  deadline: 1,
  deviceHash: 'hash-1',
  device: { appId: 'a', pushkey: 'sentinel-pushkey', defaultPayload: { kind: 'absent' } },
  notification: { userIsTarget: false, priority: 'high', counts: {} },
};

function setUp() {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  return { lines, options: { appKey: 'a', timeoutMs: 5, logger: createLogger({ role: 'dispatcher', level: 'trace', format: 'json', stream }) } };
}

it('hands on what the provider says', async () => {
  const { options, lines } = setUp();
  const outcome = { kind: 'skipped', reason: 'nothing' } as const;
  expect(await guardSend(() => Promise.resolve(outcome), options)(dispatch)).toBe(outcome);
  expect(lines).toEqual([]);
});

it.each([
  ['threw', () => Promise.reject(new Error('sentinel-pushkey is bad'))],
  ['threw', () => { throw new TypeError('at once'); }],
  ['hung', () => new Promise<never>(() => undefined)],
])('makes a fault of a provider that %s, and says whose push it was', async (reason, send) => {
  const { options, lines } = setUp();
  expect(await guardSend(send, options)(dispatch)).toEqual({ kind: 'faulted', reason });
  expect(lines.join('')).toContain('hash-1');
});
