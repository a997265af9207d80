import fc from 'fast-check';
import { createBodyBudget } from './body-budget';

it('one source holds at most half, and leaves the next one room', () => {
  const budget = createBodyBudget(100);
  const [a, b] = [budget.hold('a'), budget.hold('b')];
  expect(a.add(50)).toBe(true);
  expect(a.add(1)).toBe(false);
  expect(budget.hold('a').add(1)).toBe(false);
  expect(b.add(25)).toBe(true);
  expect(b.add(1)).toBe(false);
  expect(budget.hold('c').add(12)).toBe(true);
  a.release();
  a.release();
  expect(budget.used()).toBe(37);
  expect(b.add(1)).toBe(true);
});

it('is never exceeded, gives everything back and forgets every source, whatever is held', () => {
  const step = fc.record({ source: fc.integer({ min: 0, max: 4 }), bytes: fc.nat(60), release: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const budget = createBodyBudget(100);
      const holds = steps.map(({ source, bytes, release }) => {
        const hold = budget.hold(`s${source}`);
        hold.add(bytes);
        expect(budget.used()).toBeLessThanOrEqual(100);
        if (release) hold.release();
        return hold;
      });
      for (const hold of holds) hold.release();
      expect([budget.used(), budget.sources()]).toEqual([0, 0]);
    }),
  );
});
