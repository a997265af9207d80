import fc from 'fast-check';

import type { Demand, Margins, MemorySettings } from './demand';
import { PROVIDERS, providerLoads } from './demand';
import { measuredCosts } from './measured-costs';
import { LARGEST_PARTITION, MAX_SESSIONS, planCapacity, type CapacityPlan, type PlanOptions } from './plan-capacity';
import { sumOf } from './redis-memory';

const HOUR_MS = 3_600_000;
const settings: MemorySettings = { dedupeWindowMs: HOUR_MS, explainPushes: 100_000, explainKeepMs: 24 * HOUR_MS, deadLetters: 100_000, maxAgeMs: HOUR_MS };
const margins: Margins = { utilisation: 0.6, spare: 1, masterBytes: 32e9 };
const demand: Demand = { rate: 1000, fcmShare: 0.5, apps: 2, fcmProjects: 1, latencyMs: 100, devices: 1_000_000, deadShare: 0.05, outageMs: HOUR_MS };
const options: PlanOptions = { demand, margins, settings, costs: measuredCosts() };

const anyDemand: fc.Arbitrary<Demand> = fc.record({
  rate: fc.integer({ min: 1, max: 1_000_000 }),
  fcmShare: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  apps: fc.integer({ min: 2, max: 50 }),
  fcmProjects: fc.integer({ min: 1, max: 10 }),
  latencyMs: fc.integer({ min: 1, max: 30_000 }),
  devices: fc.integer({ min: 1, max: 100_000_000 }),
  deadShare: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  outageMs: fc.integer({ min: 0, max: 2 * HOUR_MS }),
});
const anyMargins: fc.Arbitrary<Margins> = fc.record({
  utilisation: fc.integer({ min: 1, max: 100 }).map((percent) => percent / 100),
  spare: fc.integer({ min: 0, max: 5 }),
  masterBytes: fc.integer({ min: 1, max: 256 }).map((gigabytes) => gigabytes * 1e9),
});
const anyOptions: fc.Arbitrary<PlanOptions> = fc.record({ demand: anyDemand, margins: anyMargins, settings: fc.constant(settings), costs: fc.constant(measuredCosts()) });
/** What rounding of floating point may cost. */
const HAIR = 1e-6;

/** Everything that must not shrink when more is asked. */
function sizes(plan: CapacityPlan): number[] {
  return [
    plan.ingress.processes,
    plan.dispatcher.processes,
    plan.redis.masters,
    plan.redis.dataBytes,
    plan.coresUsed,
    plan.coresToHave,
    ...PROVIDERS.map((name) => plan.connections[name]?.inFlight ?? 0),
    ...PROVIDERS.map((name) => plan.connections[name]?.sessions ?? 0),
  ];
}

function expectNoSmaller(more: CapacityPlan, less: CapacityPlan, of: (plan: CapacityPlan) => number[]): void {
  const before = of(less);
  of(more).forEach((value, index) => expect(value).toBeGreaterThanOrEqual((before[index] ?? 0) - HAIR));
}

describe('planCapacity', () => {
  it('asks for no less of anything when the rate grows', () => {
    fc.assert(
      fc.property(anyOptions, fc.integer({ min: 1, max: 1_000_000 }), (given, more) => {
        const larger = planCapacity({ ...given, demand: { ...given.demand, rate: given.demand.rate + more } });
        // Sessions of one dispatcher are fewer where there are more dispatchers.
        const withoutSessions = (plan: CapacityPlan) => sizes(plan).slice(0, -PROVIDERS.length);
        expectNoSmaller(larger, planCapacity(given), withoutSessions);
      }),
    );
  });

  it('asks for no less when providers are slower, providers are away longer, or there are more devices', () => {
    fc.assert(
      fc.property(anyOptions, fc.integer({ min: 0, max: 30_000 }), (given, more) => {
        const { demand: asked } = given;
        const slower = { ...asked, latencyMs: asked.latencyMs + more };
        expectNoSmaller(planCapacity({ ...given, demand: slower }), planCapacity(given), (plan) => sizes(plan).slice(0, -PROVIDERS.length));
        for (const worse of [{ ...asked, outageMs: asked.outageMs + more }, { ...asked, devices: asked.devices + more }]) {
          expectNoSmaller(planCapacity({ ...given, demand: worse }), planCapacity(given), sizes);
        }
      }),
    );
  });

  it('keeps every role below the asked utilisation, also without the spare processes', () => {
    fc.assert(
      fc.property(anyOptions, (given) => {
        const { utilisation, spare } = given.margins;
        const { ingress, dispatcher, redis } = planCapacity(given);
        for (const role of [ingress, dispatcher]) {
          expect(role.processes - spare).toBe(role.needed);
          expect(role.cores / role.needed).toBeLessThanOrEqual(utilisation + HAIR);
        }
        expect(redis.cores / redis.masters).toBeLessThanOrEqual(utilisation + HAIR);
        expect(redis.replicas).toBe(spare);
        // No Cluster has two.
        expect(redis.masters).not.toBe(2);
        expect(redis.dataBytes).toBeLessThanOrEqual(redis.masters * given.margins.masterBytes);
      }),
    );
  });

  it('has streams and concurrency for everything in flight, without the spare dispatchers, within what a dispatcher opens', () => {
    fc.assert(
      fc.property(anyOptions, (given) => {
        const { dispatcher, connections } = planCapacity(given);
        const loads = providerLoads(given.demand);
        for (const name of PROVIDERS) {
          const plan = connections[name];
          expect(plan === null).toBe(loads[name].rate === 0);
          if (!plan) continue;
          const { apps } = loads[name];
          expect(plan.sessionsPerDispatcher).toBeLessThanOrEqual(MAX_SESSIONS);
          expect(plan.sessionsPerDispatcher * plan.streamsPerSession * dispatcher.needed * apps).toBeGreaterThanOrEqual(plan.inFlight - apps);
          expect(plan.concurrency * dispatcher.needed * apps * given.margins.utilisation + 1).toBeGreaterThanOrEqual((loads[name].rate * given.demand.latencyMs) / 1000);
          expect(plan.sessions).toBe(plan.sessionsPerDispatcher * dispatcher.processes * apps);
        }
      }),
    );
  });

  it('gives every provider with pushes an app, and no app twice', () => {
    fc.assert(
      fc.property(anyDemand, (asked) => {
        const { apns, fcm } = providerLoads(asked);
        expect(apns.apps + fcm.apps).toBe(asked.apps);
        expect(apns.rate + fcm.rate).toBeCloseTo(asked.rate, 3);
        for (const { rate, apps } of [apns, fcm]) expect(apps > 0).toBe(rate > 0);
      }),
    );
  });

  it('spreads the largest app over partitions of at most a third of a master', () => {
    fc.assert(
      fc.property(anyOptions, (given) => {
        const { redis } = planCapacity(given);
        if (redis.masters === 1) return expect(redis.partitions).toBe(1);
        const { demand: asked, costs } = given;
        const largest = Math.max(...PROVIDERS.map((name) => {
          const { rate, apps } = providerLoads(asked)[name];
          return apps === 0 ? 0 : (rate / apps / 1e6) * (costs.redisAdmissionCpu + costs[`${name}RedisCpu`]);
        }));
        expect(largest / redis.partitions).toBeLessThanOrEqual(given.margins.utilisation * LARGEST_PARTITION + HAIR);
      }),
    );
  });

  it('is what one does by hand', () => {
    const { ingress, dispatcher, redis, connections } = planCapacity({
      ...options,
      demand: { ...demand, rate: 10_000, fcmShare: 0, apps: 1 },
      costs: { ...measuredCosts(), ingressCpu: 300, apnsCpu: 600, redisAdmissionCpu: 100, apnsRedisCpu: 200, waitingJob: 1000 },
    });
    // 10,000 x 300 us are 3 cores, and 5 processes at 60 %.
    expect(ingress).toMatchObject({ needed: 5, processes: 6, cores: 3 });
    expect(dispatcher).toMatchObject({ needed: 10, processes: 11, cores: 6 });
    // 10,000 x 100 ms in flight; at 60 % the ten needed take 167 each, less than the default.
    expect(connections.apns).toEqual({ inFlight: 1000, concurrency: 200, streamsPerSession: 1000, sessionsPerDispatcher: 1, sessions: 11 });
    expect(connections.fcm).toBeNull();
    // 3 cores, 5 masters at 60 %; partitions of at most a third of one.
    expect(redis).toMatchObject({ masters: 5, replicas: 1, partitions: 15, waitingPushes: 36_000_000, memory: { waiting: 36e9 } });
  });

  it('takes more dispatchers for slow providers, whatever their CPU', () => {
    const fcm = { ...demand, rate: 1000, fcmShare: 1, apps: 1 };
    // 10,000 in flight at 60 % are 16,667; a dispatcher has four sessions of a hundred streams.
    expect(planCapacity({ ...options, demand: { ...fcm, latencyMs: 10_000 } }).dispatcher.needed).toBe(42);
    expect(planCapacity({ ...options, demand: { ...fcm, latencyMs: 10 } }).dispatcher.needed).toBe(1);
  });

  it('adds up the memory of Redis', () => {
    const { redis } = planCapacity(options);
    expect(redis.dataBytes).toBe(sumOf(redis.memory));
    expect(redis.machineBytes).toBe(redis.dataBytes * 1.5 * 2);
  });

  it('remembers no more traces than are accepted while they are kept', () => {
    const few = { ...settings, explainKeepMs: 1000 };
    const all = planCapacity(options).redis.memory.traces;
    expect(planCapacity({ ...options, settings: few }).redis.memory.traces).toBe(all / 200);
    expect(all / 200_000).toBeGreaterThan(measuredCosts().trace);
  });

  it('lets nothing wait longer than it is worth', () => {
    const twice = planCapacity({ ...options, demand: { ...demand, outageMs: 2 * HOUR_MS } });
    expect(twice.redis.waitingPushes).toBe(planCapacity(options).redis.waitingPushes);
  });
});
