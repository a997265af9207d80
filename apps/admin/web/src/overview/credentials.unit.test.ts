import { describeExpiry, urgencyOf } from './credentials';

const NOW = new Date('2026-11-23T12:00:00Z');
const DAY_MS = 86_400_000;
const inDays = (days: number): string => new Date(NOW.getTime() + days * DAY_MS).toISOString();

it.each([
  ['certificate', inDays(100), 'fine', 'expires in 100 d'],
  ['certificate', inDays(12), 'soon', 'expires in 12 d'],
  ['certificate', inDays(-3), 'over', 'expired 3 d ago'],
  ['certificate', null, 'fine', 'does not expire'],
  // What is idle is not renewed, and need not be.
  ['jwt', inDays(-1), 'fine', 'renews itself'],
  ['access_token', inDays(0.01), 'fine', 'renews itself'],
] as const)('a %s that ends %s is %s: %s', (kind, expires_at, urgency, words) => {
  expect(urgencyOf({ kind, expires_at }, NOW)).toBe(urgency);
  expect(describeExpiry({ kind, expires_at }, NOW)).toBe(words);
});
