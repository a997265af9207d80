import * as fc from 'fast-check';
import { backlogGrowth, findHighestRate } from './steady-search';

describe('findHighestRate', () => {
  it('comes as close to what is held as its halvings allow, and never above', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 15_000 }), async (limit) => {
        const held = await findHighestRate({ start: 500, halvings: 4, most: 16_000, isHeld: (rate) => Promise.resolve(rate <= limit) });
        expect(held).toBeLessThanOrEqual(limit);
        // The gap at first: as wide as the rate below it, or the start itself.
        expect(limit - held).toBeLessThanOrEqual(Math.max(500, limit) / 16);
      }),
    );
  });

  it('tries a rate once more before it gives it up', async () => {
    let tries = 0;
    const isHeld = (rate: number): Promise<boolean> => Promise.resolve(rate <= 1000 && (tries += 1) !== 1);
    expect(await findHighestRate({ start: 1000, halvings: 0, most: 16_000, isHeld })).toBe(1000);
  });
});

describe('backlogGrowth', () => {
  const stage = (backlogAt: (ms: number) => number) =>
    Array.from({ length: 101 }, (_, index) => ({ at: index * 10, backlog: backlogAt(index * 10) }));

  it('is the share of the load that was left over', () => {
    const served = 800;
    expect(backlogGrowth(stage((ms) => (ms * (1000 - served)) / 1000), 1000)).toBeCloseTo(0.2);
  });

  it('is about nothing when pushes only come and go in waves', () => {
    expect(Math.abs(backlogGrowth(stage((ms) => 60 + (ms % 50)), 1000))).toBeLessThan(0.02);
  });

  it('is nothing without samples', () => {
    expect(backlogGrowth([], 1000)).toBe(0);
  });
});
