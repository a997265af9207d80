import type { GateState } from '@reveille/queue';
import type { DispatchOutcome } from '@reveille/relay';
import { createCircuitBreaker } from './circuit-breaker';

const DOWN: DispatchOutcome = { kind: 'deferred', reason: 'ServiceUnavailable', scope: 'push', answer: { status: 503, reason: 'x', latencyMs: 1 } };
const UP: DispatchOutcome = { kind: 'delivered', answer: { status: 200, reason: 'ok', latencyMs: 1 } };
const OUT: GateState = { state: 'outage', reason: 'x', since: 1, until: 1, probes: 1, out: 1 };

function setUp(current?: GateState) {
  let time = 1000;
  const interrupted: string[] = [];
  const breaker = createCircuitBreaker({
    gate: {
      current,
      interrupt: (reason) => {
        interrupted.push(reason);
        return Promise.resolve(true);
      },
    },
    now: () => time,
  });
  const see = async (outcome: DispatchOutcome, times: number, startedAt = time): Promise<boolean[]> => {
    const seen: boolean[] = [];
    for (let i = 0; i < times; i++) seen.push(await breaker.saw({ outcome, startedAt }));
    return seen;
  };
  return { see, interrupted, advance: (ms: number) => (time += ms), now: () => time };
}

it('opens after twenty failures, with their reason', async () => {
  const { see, interrupted } = setUp();
  expect(await see(DOWN, 19)).not.toContain(true);
  expect(await see(DOWN, 1)).toEqual([true]);
  expect(interrupted).toEqual(['ServiceUnavailable']);
});

it('takes no notice of failures of attempts that began before it opened', async () => {
  const { see, interrupted, advance, now } = setUp();
  await see(DOWN, 20);
  const before = now();
  advance(1);
  await see(DOWN, 200, before);
  expect(interrupted).toHaveLength(1);
  await see(DOWN, 20);
  expect(interrupted).toHaveLength(2);
});

it('takes no notice of failures of attempts that began before another dispatcher let probes through', async () => {
  const { see, now } = setUp({ ...OUT, state: 'probing', changed: 900 });
  expect(await see(DOWN, 50, 900)).not.toContain(true);
  expect(await see(DOWN, 1, now())).toEqual([true]);
});

it('opens again at the first probe that fails', async () => {
  const { see, interrupted } = setUp({ ...OUT, state: 'probing' });
  expect(await see(DOWN, 1)).toEqual([true]);
  expect(interrupted).toHaveLength(1);
});

it('opens again after few failures while the app recovers', async () => {
  const { see } = setUp({ ...OUT, state: 'recovering' });
  expect(await see(DOWN, 5)).toEqual([false, false, false, false, true]);
});

it('needs more than the probe of a parked app', async () => {
  const { see } = setUp({ state: 'probing', reason: '403', since: 1, until: 1, probes: 1 });
  expect(await see(DOWN, 19)).not.toContain(true);
});

it('stays shut while most pushes arrive', async () => {
  const { see } = setUp();
  await see(UP, 50);
  expect(await see(DOWN, 100)).not.toContain(true);
});
