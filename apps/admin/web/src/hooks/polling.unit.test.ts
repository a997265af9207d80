import { eventually } from '@reveille/testing';

import { startPolling, type Surface } from './polling';

/** A page that can be hidden. */
function testSurface(): Surface & { show(isShown: boolean): void } {
  const listeners = new Set<() => void>();
  let hidden = false;
  return {
    get hidden() {
      return hidden;
    },
    addEventListener: (_, listener) => void listeners.add(listener),
    removeEventListener: (_, listener) => void listeners.delete(listener),
    show(isShown) {
      hidden = !isShown;
      for (const listener of listeners) listener();
    },
  };
}

it('asks one question at a time while somebody looks, at once when they look again, and not after its end', async () => {
  const surface = testSurface();
  let asked = 0;
  let answer = (): void => undefined;
  const ask = (): Promise<void> => {
    asked++;
    return new Promise((resolve) => (answer = resolve));
  };
  const stop = startPolling({ ask, intervalMs: 1, surface });
  expect(asked).toBe(1);
  surface.show(true);
  expect(asked).toBe(1);
  answer();
  await eventually(() => asked === 2);

  surface.show(false);
  answer();
  await new Promise((resolve) => setImmediate(resolve));
  surface.show(true);
  await eventually(() => asked === 3);

  stop();
  answer();
  surface.show(true);
  expect(asked).toBe(3);
});

it('asks once without an interval, however often somebody looks again', async () => {
  const surface = testSurface();
  let asked = 0;
  const stop = startPolling({ ask: () => Promise.resolve(void asked++), intervalMs: undefined, surface });
  await new Promise((resolve) => setImmediate(resolve));
  surface.show(false);
  surface.show(true);
  expect(asked).toBe(1);
  stop();
});
