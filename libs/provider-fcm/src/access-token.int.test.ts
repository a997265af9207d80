import { startSimulator } from '@reveille/simulator';
import type { SimulatorCommand } from '@reveille/simulator';

import { push, useTestFcm } from './test-fcm';

const { simulator, startProvider } = useTestFcm(startSimulator);

const answer = (status: number, rest: object = {}): SimulatorCommand => ({
  provider: 'fcm',
  answer: { status, ...rest },
});
const token = (command: SimulatorCommand['answer']): SimulatorCommand => ({ provider: 'token', answer: command });

describe('an access token that FCM refuses', () => {
  it('is renewed, and the push delivered', async () => {
    const provider = startProvider();
    simulator().command({ ...answer(401), times: 1 });
    const before = simulator().stats().accessTokensIssued;
    expect(await provider.send(push())).toMatchObject({ kind: 'delivered' });
    expect(simulator().received()).toHaveLength(2);
    expect(simulator().stats().accessTokensIssued - before).toBe(2);
  });

  it('is renewed once for 200 pushes in flight', async () => {
    const provider = startProvider();
    await provider.send(push());
    const before = simulator().stats().accessTokensIssued;
    simulator().command({ ...answer(401), times: 200 });
    simulator().setLatency(20);
    const outcomes = await Promise.all(Array.from({ length: 200 }, () => provider.send(push())));
    expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['delivered']));
    expect(simulator().stats().accessTokensIssued - before).toBe(1);
  });

  it('and that cannot be renewed defers the push', async () => {
    const provider = startProvider();
    await provider.send(push());
    simulator().command(answer(401));
    simulator().command(token({ status: 503 }));
    expect(await provider.send(push())).toMatchObject({ kind: 'deferred', reason: 'token-http-503' });
  });
});

describe('a token endpoint that', () => {
  const deferred = { kind: 'deferred', scope: 'push', retryAfterMs: 10_000 };

  it.each<[string, SimulatorCommand, object]>([
    ['is down', token({ fault: 'close' }), { ...deferred, reason: 'token-connect' }],
    ['fails', token({ status: 500 }), { ...deferred, reason: 'token-http-500' }],
    ['is busy', token({ status: 429, retryAfter: '40' }), { kind: 'deferred', retryAfterMs: 40_000 }],
    [
      'does not know us',
      token({ status: 400, errorCode: 'invalid_grant' }),
      { kind: 'parked', reason: 'token-invalid-grant', answer: { status: 400 } },
    ],
    ['refuses us', token({ status: 401, errorCode: 'invalid_client' }), { kind: 'parked' }],
    ['refuses such as us', token({ status: 401, errorCode: 'unauthorized_client' }), { kind: 'parked' }],
    ['says something odd', token({ status: 400, body: 'odd' }), { kind: 'deferred' }],
    ['answers nothing', token({ fault: 'empty' }), { kind: 'deferred', reason: 'token-answer-invalid' }],
    ['does not end', token({ fault: 'huge' }), { kind: 'deferred', reason: 'token-answer-invalid' }],
    [
      'gives what is no token',
      token({ status: 200, body: '{"access_token":"a\\r\\nb"}' }),
      { kind: 'deferred', reason: 'token-answer-invalid' },
    ],
  ])('%s', async (_name, command, expected) => {
    simulator().command(command);
    const provider = startProvider();
    expect(await provider.send(push())).toMatchObject(expected);
    expect(simulator().received()).toEqual([]);
    simulator().clearCommands();
    expect(await provider.send(push())).toMatchObject({ kind: 'delivered' });
  });

  it('is slow', async () => {
    simulator().command(token({ fault: 'hang' }));
    const outcome = await startProvider({}, { tokenTimeoutMs: 50 }).send(push());
    expect(outcome).toMatchObject({ kind: 'deferred', reason: 'token-timeout', retryAfterMs: 10_000 });
  });

  it('is named by token_url instead of the file', async () => {
    const elsewhere = startProvider({ token_url: 'https://127.0.0.1:1/token' });
    expect(await elsewhere.send(push())).toMatchObject({ kind: 'deferred', reason: 'token-connect' });
    const byName = startProvider({ token_url: simulator().tokenUrl.replace('127.0.0.1', 'localhost') });
    expect(await byName.send(push())).toMatchObject({ kind: 'delivered' });
  });
});
