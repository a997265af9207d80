import fc from 'fast-check';

import { inSlices } from './in-slices';

it('does the work in order, and pauses between slices only', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(400), async (count) => {
      let [pauses, sinceLast, longest] = [0, 0, 0];
      const items = Array.from({ length: count }, (_, index) => index);
      const work = (item: number): number => {
        longest = Math.max(longest, (sinceLast += 1));
        return item * 2;
      };
      const results = await inSlices(items, work, () => {
        pauses += 1;
        sinceLast = 0;
        return Promise.resolve();
      });
      expect(results).toEqual(items.map((item) => item * 2));
      expect(longest).toBeLessThanOrEqual(50);
      expect(pauses).toBe(Math.max(0, Math.ceil(count / 50) - 1));
    }),
  );
});
