import fc from 'fast-check';
import { nextAttempt } from './next-attempt';

const policy = { baseMs: 1000, capMs: 300_000 };
const far = { now: 0, deadline: 3_600_000 };

it('doubles the bound of the delay up to the cap, with full jitter below it', () => {
  const delayOf = (attempts: number, random: number) => nextAttempt(policy, { ...far, attempts, random });
  expect([1, 2, 3, 9, 10, 1000].map((attempts) => delayOf(attempts, 0.999_999))).toEqual(
    [999, 1999, 3999, 255_999, 299_999, 299_999].map((delayMs) => ({ kind: 'retry', delayMs })),
  );
  expect(delayOf(5, 0)).toEqual({ kind: 'retry', delayMs: 1 });
});

it('never comes before the provider asked for', () => {
  expect(nextAttempt(policy, { ...far, attempts: 1, random: 0, retryAfterMs: 10_000 })).toEqual({ kind: 'retry', delayMs: 10_000 });
});

it('tries once more just before the deadline instead of jumping over it', () => {
  expect(nextAttempt(policy, { now: 0, deadline: 10_000, attempts: 9, random: 0.5 })).toEqual({ kind: 'retry', delayMs: 9500 });
});

it('ends where the provider forbids an attempt before the deadline, or no time is left', () => {
  expect(nextAttempt(policy, { now: 0, deadline: 10_000, attempts: 1, random: 0, retryAfterMs: 9501 })).toEqual({ kind: 'expired' });
  expect(nextAttempt(policy, { now: 9600, deadline: 10_000, attempts: 1, random: 0 })).toEqual({ kind: 'expired' });
});

it('always stays between the floor and the deadline', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fc.nat(4e6), fc.nat(4e6), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempts, deadline, retryAfterMs, random) => {
      const next = nextAttempt(policy, { now: 0, deadline, attempts, random, retryAfterMs });
      return next.kind === 'expired' || (next.delayMs >= Math.max(1, retryAfterMs) && next.delayMs <= deadline);
    }),
  );
});
