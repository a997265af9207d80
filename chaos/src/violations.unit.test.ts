import { audit } from './audit';
import type { Bounds, Findings } from './scenario';
import { violationsOf } from './violations';

const BOUNDS: Bounds = { secondPushes: 3, readyMs: 100, delayMs: 200 };
const QUIET: Findings = {
  ...audit({ sent: [], deliveries: [], buried: [] }),
  ledgerDifference: 0,
  unacknowledged: 0,
  unended: 0,
  crashes: 0,
  readyMs: 100,
  settledMs: 0,
};

it('has nothing to say when every figure is within its bound', () => {
  expect(violationsOf({ ...QUIET, secondPushes: 3 }, BOUNDS)).toEqual([]);
});

it.each([
  ['lost', 'acknowledged and lost: 1, at most 0'],
  ['expired', 'expired: 1, at most 0'],
  ['dead', 'dead letters: 1, at most 0'],
  ['wronglyRejected', 'living devices told to be dead: 1, at most 0'],
  ['differentIds', 'second pushes with other ids: 1, at most 0'],
  ['ledgerDifference', 'the ledger does not close: 1, at most 0'],
  ['unacknowledged', 'never acknowledged: 1, at most 0'],
  ['unended', 'still under way: 1, at most 0'],
  ['crashes', 'crashed processes: 1, at most 0'],
] as const)('%s must be 0 where no bound is stated', (figure, text) => {
  expect(violationsOf({ ...QUIET, [figure]: 1 }, BOUNDS)).toEqual([{ text, isTime: false }]);
});

it('compares with the stated bounds, and knows what is a time', () => {
  const findings = { ...QUIET, secondPushes: 4, lost: 5, readyMs: Number.POSITIVE_INFINITY, delayMs: { p50: 0, p99: 0, max: 201 } };
  expect(violationsOf(findings, { ...BOUNDS, lost: 5 })).toEqual([
    { text: 'second pushes: 4, at most 3', isTime: false },
    { text: 'ready again (ms): Infinity, at most 100', isTime: true },
    { text: 'longest delay (ms): 201, at most 200', isTime: true },
  ]);
});
