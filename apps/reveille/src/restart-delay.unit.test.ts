import fc from 'fast-check';

import { restartDelayMs } from './restart-delay';

describe('restartDelayMs', () => {
  it('doubles up to a limit', () => {
    expect([1, 2, 3, 4, 7, 8, 50].map((crashes) => restartDelayMs(crashes, 1))).toEqual([250, 500, 1000, 2000, 15_000, 15_000, 15_000]);
  });

  it('lies between half of the delay and the whole, for any number of crashes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), (crashes, random) => {
        const [shortest, longest] = [restartDelayMs(crashes, 0), restartDelayMs(crashes, 1)];
        const delay = restartDelayMs(crashes, random);
        expect(delay).toBeGreaterThanOrEqual(shortest);
        expect(delay).toBeLessThanOrEqual(longest);
        expect(Math.abs(longest - 2 * shortest)).toBeLessThanOrEqual(1);
        expect(longest).toBeLessThanOrEqual(15_000);
      }),
    );
  });
});
