import type { DispatchOutcome } from './dispatch-notification';
import { createOutageWatch, providerEvidence, RECOVERING, RUNNING } from './outage-watch';

let time = 0;
const watch = () => createOutageWatch(() => time);

function answers(on: ReturnType<typeof watch>, evidence: 'up' | 'out', times: number, threshold = RUNNING): boolean[] {
  return Array.from({ length: times }, () => on.note(evidence, threshold));
}

it('calls twenty failures in a row an outage, once', () => {
  const seen = answers(watch(), 'out', 39);
  expect(seen.indexOf(true)).toBe(19);
  expect(seen.filter(Boolean)).toHaveLength(1);
});

it('does not mistake some failing pushes for an outage', () => {
  const on = watch();
  answers(on, 'up', 100);
  expect(answers(on, 'out', 100)).not.toContain(true);
});

it('forgets what is older than ten seconds', () => {
  const on = watch();
  for (let second = 0; second < 60; second++) {
    expect(answers(on, 'out', 1)).toEqual([false]);
    time += 1000;
  }
  answers(on, 'up', 1000);
  time += 11_000;
  expect(answers(on, 'out', 20)).toContain(true);
});

it('takes a clock that was set back for a new beginning', () => {
  const on = watch();
  answers(on, 'out', 19);
  time -= 600_000;
  expect(answers(on, 'out', 19)).not.toContain(true);
  expect(answers(on, 'out', 1)).toEqual([true]);
});

it('has less patience with a provider that just came back', () => {
  expect(answers(watch(), 'out', 5, RECOVERING)).toContain(true);
});

it.each<[string, DispatchOutcome, ReturnType<typeof providerEvidence>]>([
  ['delivered', { kind: 'delivered', answer: answer(200) }, 'up'],
  ['a rejection', { kind: 'rejected', reason: 'x', diedAt: 0, suspect: false, answer: answer(410) }, 'up'],
  ['a pushkey that was never sent', { kind: 'rejected', reason: 'x', diedAt: 0, suspect: false }, undefined],
  ['a payload that was never sent', { kind: 'undeliverable', reason: 'x' }, undefined],
  ['our credential refused', { kind: 'parked', reason: 'x', answer: answer(403) }, 'up'],
  ['a quota', { kind: 'deferred', reason: 'x', scope: 'app', answer: answer(429) }, 'up'],
  ['503', { kind: 'deferred', reason: 'x', scope: 'push', answer: answer(503) }, 'out'],
  ['a timeout', { kind: 'deferred', reason: 'x', scope: 'push', answer: { reason: 'timeout', latencyMs: 1 } }, 'out'],
  ['a token endpoint that is down', { kind: 'deferred', reason: 'x', scope: 'push' }, 'out'],
  ['a defect of ours', { kind: 'faulted', reason: 'threw' }, 'out'],
  ['skipped', { kind: 'skipped', reason: 'x' }, undefined],
  ['expired', { kind: 'expired' }, undefined],
])('evidence: %s', (_name, outcome, evidence) => {
  expect(providerEvidence(outcome)).toBe(evidence);
});

function answer(status: number) {
  return { status, reason: 'x', latencyMs: 1 };
}
