import { PROVIDERS, providerLoads, type Demand, type Margins, type MemorySettings, type ProviderName } from './demand';
import type { Costs } from './measured-costs';
import { redisMemory, sumOf, waitingPushes, type RedisMemory } from './redis-memory';

export interface RolePlan {
  /** What the rate needs at the asked utilisation. */
  readonly needed: number;
  /** `needed` and the spare ones. */
  readonly processes: number;
  /** CPU time a second of all of them together: so many cores are really used. */
  readonly cores: number;
  /** Resident memory of all of them, in bytes. */
  readonly memory: number;
}

export interface ConnectionPlan {
  /** Pushes under way at once, of all apps and dispatchers: rate x latency. */
  readonly inFlight: number;
  /** `apps.ID.concurrency` that an app needs in each dispatcher for it, at the asked utilisation. */
  readonly concurrency: number;
  /** What the provider lets run on one session at once. */
  readonly streamsPerSession: number;
  /** HTTP/2 sessions of one app in one dispatcher. */
  readonly sessionsPerDispatcher: number;
  /** Of all apps and dispatchers. */
  readonly sessions: number;
}

export interface RedisPlan {
  /** What CPU needs, and memory. */
  readonly masters: number;
  /** Of each master. */
  readonly replicas: number;
  /** Queue partitions that the largest app needs so that no master has too much of it; 1: its queue fits on one. */
  readonly partitions: number;
  /** CPU time a second of all masters: no master can use more than one core. */
  readonly cores: number;
  readonly memory: RedisMemory;
  /** `used_memory`, all masters together, in bytes. */
  readonly dataBytes: number;
  /** Of the machines of all masters and replicas, with room for growth while Redis saves, in bytes. */
  readonly machineBytes: number;
  readonly waitingPushes: number;
}

export interface CapacityPlan {
  readonly ingress: RolePlan;
  readonly dispatcher: RolePlan;
  readonly admin: RolePlan;
  readonly redis: RedisPlan;
  readonly connections: Readonly<Record<ProviderName, ConnectionPlan | null>>;
  /** Cores that are used at the asked rate, and cores for every process and Redis to have one. */
  readonly coresUsed: number;
  readonly coresToHave: number;
}

export interface PlanOptions {
  readonly demand: Demand;
  readonly margins: Margins;
  readonly settings: MemorySettings;
  readonly costs: Costs;
}

const US_PER_S = 1_000_000;
const MS_PER_S = 1000;
const BYTES_PER_MB = 1_000_000;
/** Of the announced concurrent streams; libs/http2-transport takes no more than 1,000 from anybody. */
const STREAMS: Readonly<Record<ProviderName, number>> = { apns: 1000, fcm: 100 };
/** Sessions that libs/http2-transport opens for an app in one process (DEFAULT_MAX_SESSIONS). */
export const MAX_SESSIONS = 4;
/** `dispatcher.concurrency` when nobody says. */
const DEFAULT_CONCURRENCY = 200;
/** A Redis that rewrites its file needs memory for what changes meanwhile, and its allocator keeps holes. */
const MACHINE_MEMORY_SHARE = 1.5;
/** Of one master's room: partitions that are not larger than that can be laid on masters evenly enough. */
export const LARGEST_PARTITION = 1 / 3;
/** A Cluster needs so many to agree on one that has died (Redis' documentation of Cluster). */
const LEAST_OF_A_CLUSTER = 3;
/** Each is a queue of its own, which every dispatcher looks at: more of them than that are not meant. */
export const MAX_PARTITIONS = 64;

/**
 * How many processes, connections, cores and bytes the asked rate needs. Linear in what was measured: processes share nothing but Redis
 * (ADR 2), and a process of Node and a Redis both do their work on one core.
 */
export function planCapacity(options: PlanOptions): CapacityPlan {
  const { demand, margins, costs } = options;
  const loads = providerLoads(demand);
  const cores = (us: number, rate: number): number => (us * rate) / US_PER_S;
  const ingress = rolePlan(cores(costs.ingressCpu, demand.rate), costs.ingressMemory, margins);
  const sendCores = cores(costs.apnsCpu, loads.apns.rate) + cores(costs.fcmCpu, loads.fcm.rate);
  const dispatcher = rolePlan(sendCores, costs.dispatcherMemory, margins, dispatchersForStreams(options));
  const admin = rolePlan(0, costs.adminMemory, { ...margins, spare: 0 });
  const redis = redisPlan(options);
  return {
    ingress,
    dispatcher,
    admin,
    redis,
    connections: { apns: connectionPlan('apns', options, dispatcher), fcm: connectionPlan('fcm', options, dispatcher) },
    coresUsed: ingress.cores + dispatcher.cores + redis.cores,
    coresToHave: ingress.processes + dispatcher.processes + admin.processes + redis.masters * (1 + redis.replicas),
  };
}

function rolePlan(cores: number, memoryMb: number, { utilisation, spare }: Margins, least = 1): RolePlan {
  const needed = Math.max(least, wholeUp(cores / utilisation));
  const processes = needed + spare;
  return { needed, processes, cores, memory: processes * memoryMb * BYTES_PER_MB };
}

/** Pushes of one app of the provider under way at once, at the asked utilisation. */
function inFlightPerApp(name: ProviderName, { demand, margins }: PlanOptions): number {
  const { rate, apps } = providerLoads(demand)[name];
  return apps === 0 ? 0 : (rate * demand.latencyMs) / MS_PER_S / apps / margins.utilisation;
}

/** A dispatcher opens a bounded number of sessions for an app: a slow provider needs more dispatchers, whatever their CPU. */
function dispatchersForStreams(options: PlanOptions): number {
  return Math.max(1, ...PROVIDERS.map((name) => wholeUp(inFlightPerApp(name, options) / (STREAMS[name] * MAX_SESSIONS))));
}

function connectionPlan(name: ProviderName, options: PlanOptions, dispatcher: RolePlan): ConnectionPlan | null {
  const { rate, apps } = providerLoads(options.demand)[name];
  if (rate === 0) return null;
  const streamsPerSession = STREAMS[name];
  // The spare ones may be away.
  const perDispatcher = wholeUp(inFlightPerApp(name, options) / dispatcher.needed);
  const sessionsPerDispatcher = Math.max(1, wholeUp(perDispatcher / streamsPerSession));
  return {
    inFlight: wholeUp((rate * options.demand.latencyMs) / MS_PER_S),
    concurrency: Math.max(DEFAULT_CONCURRENCY, perDispatcher),
    streamsPerSession,
    sessionsPerDispatcher,
    sessions: sessionsPerDispatcher * dispatcher.processes * apps,
  };
}

function redisPlan({ demand, margins, settings, costs }: PlanOptions): RedisPlan {
  const memory = redisMemory(demand, settings, costs);
  const dataBytes = sumOf(memory);
  const coresOf = (name: ProviderName): number => {
    const { rate, apps } = providerLoads(demand)[name];
    return apps === 0 ? 0 : (rate / apps / US_PER_S) * (costs.redisAdmissionCpu + costs[`${name}RedisCpu`]);
  };
  const loads = providerLoads(demand);
  const cores = PROVIDERS.reduce((sum, name) => sum + coresOf(name) * loads[name].apps, 0);
  const mastersForMemory = (bytes: number): number => (bytes * MACHINE_MEMORY_SHARE) / margins.masterBytes;
  const asked = Math.max(1, wholeUp(cores / margins.utilisation), wholeUp(mastersForMemory(dataBytes)));
  const masters = asked > 1 ? Math.max(LEAST_OF_A_CLUSTER, asked) : 1;
  const busiest = Math.max(...PROVIDERS.map((name) => loads[name].rate / Math.max(1, loads[name].apps)));
  const largestApp = Math.max(...PROVIDERS.map(coresOf)) / margins.utilisation;
  const largestBytes = mastersForMemory(dataBytes * (busiest / demand.rate));
  return {
    masters,
    replicas: margins.spare,
    partitions: masters === 1 ? 1 : partitionsFor(Math.max(largestApp, largestBytes)),
    cores,
    memory,
    dataBytes,
    machineBytes: dataBytes * MACHINE_MEMORY_SHARE * (1 + margins.spare),
    waitingPushes: waitingPushes(demand, settings),
  };
}

/** @param masters what of a master the app would fill; 2.5: two and a half masters. */
function partitionsFor(masters: number): number {
  return Math.max(1, wholeUp(masters / LARGEST_PARTITION));
}

/** The next whole number; sums of floating point that are a hair above one do not count. */
function wholeUp(value: number): number {
  return Math.ceil(value - 1e-9);
}
