import type { Dispatch, Parked, Provider, SendOutcome } from '@reveille/provider';
import { createReplaceableProvider } from './replaceable-provider';

const REFUSED: Parked = { kind: 'parked', reason: 'InvalidProviderToken' };
const DELIVERED: SendOutcome = { kind: 'delivered', answer: { status: 200, reason: 'ok', latencyMs: 1 } };
const dispatch = {} as Dispatch; // nobody here looks into it

interface ManualProvider extends Provider {
  /** Ends the oldest push in flight. */
  end(outcome: SendOutcome): void;
  readonly sent: () => number;
  readonly closes: number[];
}

/** A provider whose answers come when the test says so. */
function manualProvider(): ManualProvider {
  const waiting: ((outcome: SendOutcome) => void)[] = [];
  const closes: number[] = [];
  let sent = 0;
  return {
    type: 'apns',
    send: () => {
      sent += 1;
      return new Promise((resolve) => waiting.push(resolve));
    },
    end: (outcome) => waiting.shift()?.(outcome),
    sent: () => sent,
    closes,
    credentials: () => [{ credential: 'jwt', expiresAt: closes.length }],
    close: (graceMs) => {
      closes.push(graceMs);
      return Promise.resolve();
    },
  };
}

describe('a provider that is replaced', () => {
  it('ends what it has in flight, and is closed only then', async () => {
    const [old, next] = [manualProvider(), manualProvider()];
    const provider = createReplaceableProvider(old);
    const pushes = [provider.send(dispatch), provider.send(dispatch)];
    provider.replace(next);
    const later = provider.send(dispatch);
    expect([old.sent(), next.sent()]).toEqual([2, 1]);
    old.end(DELIVERED);
    expect(await pushes[0]).toBe(DELIVERED);
    expect(old.closes).toEqual([]);
    old.end(DELIVERED);
    expect(await pushes[1]).toBe(DELIVERED);
    expect(old.closes).toEqual([0]);
    next.end(DELIVERED);
    expect(await later).toBe(DELIVERED);
    expect(next.closes).toEqual([]);
  });

  it('is closed at once when it has nothing in flight', () => {
    const [old, next] = [manualProvider(), manualProvider()];
    createReplaceableProvider(old).replace(next);
    expect([old.closes, next.closes]).toEqual([[0], []]);
  });

  it('does not park the app by a refusal that comes late: the push goes to the new one', async () => {
    const [old, next] = [manualProvider(), manualProvider()];
    const provider = createReplaceableProvider(old);
    const push = provider.send(dispatch);
    provider.replace(next);
    old.end(REFUSED);
    await Promise.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    expect(next.sent()).toBe(1);
    next.end(REFUSED);
    // The new one's own refusal stands: no third try.
    expect(await push).toBe(REFUSED);
    expect([old.sent(), next.sent()]).toEqual([1, 1]);
  });

  it('sends nothing twice that may have arrived', async () => {
    const [old, next] = [manualProvider(), manualProvider()];
    const provider = createReplaceableProvider(old);
    const push = provider.send(dispatch);
    provider.replace(next);
    const deferred: SendOutcome = { kind: 'deferred', reason: 'timeout', scope: 'push' };
    old.end(deferred);
    expect(await push).toBe(deferred);
    expect(next.sent()).toBe(0);
  });

  it('leaves a refusal alone while nothing has changed', async () => {
    const only = manualProvider();
    const provider = createReplaceableProvider(only);
    const push = provider.send(dispatch);
    only.end(REFUSED);
    expect(await push).toBe(REFUSED);
    expect(only.sent()).toBe(1);
  });
});

describe('closing', () => {
  it('gives every generation the grace, once, and takes no new one after that', async () => {
    const [first, second, third] = [manualProvider(), manualProvider(), manualProvider()];
    const provider = createReplaceableProvider(first);
    const push = provider.send(dispatch);
    provider.replace(second);
    await provider.close(500);
    first.end(DELIVERED);
    await push;
    provider.replace(third);
    expect([first.closes, second.closes, third.closes]).toEqual([[500], [500], [0]]);
  });
});
