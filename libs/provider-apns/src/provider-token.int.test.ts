import { startSimulator } from '@reveille/simulator';

import { answer, delivered, event, HOUR_MS, useTestApns } from './test-apns';
import { makeSigningKey } from './test-credentials';

const MINUTE_MS = 60_000;

const { simulator, startProvider, setAhead } = useTestApns(startSimulator);

const authorizations = () => simulator().received().map(({ headers }) => headers.authorization);

test('ends an hour after it was made', async () => {
  const provider = startProvider();
  expect(provider.credentials()).toEqual([]);
  await provider.send(event());
  const [expiry] = provider.credentials();
  expect(expiry?.credential).toBe('jwt');
  expect(Math.abs((expiry?.expiresAt ?? 0) - Date.now() - HOUR_MS)).toBeLessThan(60_000);
});

test('with a key that Apple does not know: parked', async () => {
  const options = { identity: { kind: 'signing-key', privateKey: makeSigningKey(), keyId: 'K', teamId: 'T' } } as const;
  const credentials = { ...options, topic: simulator().apns.topic, ca: simulator().caPem };
  const outcome = await startProvider({}, { credentials }).send(event());
  expect(outcome).toMatchObject({ kind: 'parked', answer: { status: 403 } });
});

test('that cannot be signed: parked, and nothing sent', async () => {
  const options = { identity: { kind: 'signing-key', privateKey: 'no key', keyId: 'K', teamId: 'T' } } as const;
  const credentials = { ...options, topic: simulator().apns.topic, ca: simulator().caPem };
  expect(await startProvider({}, { credentials }).send(event())).toMatchObject({
    kind: 'parked',
    reason: 'signing-failed',
  });
  expect(simulator().received()).toEqual([]);
});

test('expired once: renewed, sent again, delivered', async () => {
  simulator().command({ ...answer(403, 'ExpiredProviderToken'), times: 1 });
  const provider = startProvider();
  expect(await provider.send(event())).toMatchObject(delivered);
  expect(new Set(authorizations()).size).toBe(2);
  expect(new Set(simulator().received().map(({ headers }) => headers['apns-id'])).size).toBe(1);
});

test('expired for 200 pushes in flight: one new JWT, each sent twice at most, all delivered', async () => {
  const provider = startProvider();
  // A JWT made 50 minutes ago, which apns2 keeps for 5 more; a server 11 minutes ahead finds it too old.
  const longAgo = Date.now() - 50 * MINUTE_MS;
  const clock = jest.spyOn(Date, 'now').mockReturnValue(longAgo);
  setAhead(11 * MINUTE_MS);
  expect(await provider.send(event(0))).toMatchObject(delivered);
  clock.mockRestore();
  const outcomes = await Promise.all(Array.from({ length: 200 }, (_, number) => provider.send(event(number + 1))));
  expect(new Set(outcomes.map(({ kind }) => kind))).toEqual(new Set(['delivered']));
  expect(new Set(authorizations()).size).toBe(2);
  expect(simulator().received().length).toBeLessThanOrEqual(401);
  // Many were refused, not just the first.
  expect(simulator().received().length).toBeGreaterThan(210);
}, 30_000);

test('expired for ever: parked after one more try, and no storm of new ones', async () => {
  simulator().command(answer(403, 'ExpiredProviderToken'));
  const provider = startProvider();
  for (let number = 0; number < 5; number += 1) {
    expect(await provider.send(event(number))).toMatchObject({ kind: 'parked', reason: 'ExpiredProviderToken' });
  }
  expect(authorizations()).toHaveLength(10);
  expect(new Set(authorizations()).size).toBe(2);
});

test('too many updates: the one that Apple took stays in use', async () => {
  const startedAt = Date.now();
  const clock = jest.spyOn(Date, 'now').mockReturnValue(startedAt - 56 * MINUTE_MS);
  const provider = startProvider();
  expect(await provider.send(event(1))).toMatchObject(delivered);
  // apns2 makes a new JWT after 55 minutes.
  clock.mockReturnValue(startedAt);
  simulator().command({ ...answer(429, 'TooManyProviderTokenUpdates'), times: 1 });
  const deferred = { kind: 'deferred', scope: 'app', retryAfterMs: MINUTE_MS };
  expect(await provider.send(event(2))).toMatchObject(deferred);
  expect(await provider.send(event(3))).toMatchObject(delivered);
  const [first, second, third] = authorizations();
  expect(second).not.toBe(first);
  expect(third).toBe(first);
});

test('too many updates after the one before has expired: nothing can pass before the next, in 20 minutes', async () => {
  const provider = startProvider();
  expect(await provider.send(event(1))).toMatchObject(delivered);
  simulator().command({ ...answer(403, 'ExpiredProviderToken'), times: 1 });
  simulator().command({ ...answer(429, 'TooManyProviderTokenUpdates'), times: 1 });
  const deferred = { kind: 'deferred', scope: 'app', retryAfterMs: 20 * MINUTE_MS };
  expect(await provider.send(event(2))).toMatchObject(deferred);
});
