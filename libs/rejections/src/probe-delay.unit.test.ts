import fc from 'fast-check';
import { probeDelay } from './probe-delay';

it('lies between half the first delay and four times it, and grows with each try', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 600_000 }),
      fc.option(fc.nat({ max: 1000 }), { nil: undefined }),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      (retryMs, asked, random) => {
        const delay = probeDelay(retryMs, asked, random);
        expect(delay).toBeGreaterThanOrEqual(retryMs / 2);
        expect(delay).toBeLessThanOrEqual(4 * retryMs);
        expect(probeDelay(retryMs, (asked ?? 0) + 1, random)).toBeGreaterThanOrEqual(probeDelay(retryMs, asked ?? 0, random));
      },
    ),
  );
});

it.each([
  [0, 30_000],
  [1, 60_000],
  [2, 120_000],
  [9, 120_000],
  [undefined, 120_000],
])('is at most, after %s tries, %d ms', (asked, most) => {
  expect(probeDelay(30_000, asked, 0.999_999_9)).toBe(most);
});
