import { defaultMemorySettings } from './capacity-defaults';
import { formatBytes, formatFigure, formatNumber } from './format';
import { MEASURED_COSTS, MEASURED_ON, measuredCosts, type CostName } from './measured-costs';
import { planCapacity, type CapacityPlan } from './plan-capacity';

const EXAMPLE_RATES = [1000, 10_000, 50_000] as const;
const US_PER_S = 1_000_000;
const BYTES_PER_GB = 1_000_000_000;
const MS_PER_MINUTE = 60_000;
/** What `reveille capacity` assumes of what it is not told; the test runs the command beside it. */
const EXAMPLE = {
  demand: { fcmShare: 0.5, apps: 2, fcmProjects: 1, latencyMs: 80, devices: 20_000_000, deadShare: 0.05, outageMs: 60 * MS_PER_MINUTE },
  margins: { utilisation: 0.6, spare: 1, masterBytes: 32 * BYTES_PER_GB },
} as const;

/** The rate of the worked example as the command takes it. */
export const EXAMPLE_FLAGS = ['--latency', String(EXAMPLE.demand.latencyMs), '--devices', String(EXAMPLE.demand.devices)];

/** What a push costs, for docs/scaling.md. */
export function costTable(): string {
  const rows = Object.values(MEASURED_COSTS).map(({ value, unit, row, meaning }) => `| ${meaning} | ${formatNumber(value)} ${unit} | \`${row}\` |`);
  const { at, cpu, cores, node, redis } = MEASURED_ON;
  return [`${cores} cores of an ${cpu}, Node ${node}, Redis ${redis}, ${at}.`, '', '| what | cost | measured by |', '|---|---|---|', ...rows].join('\n');
}

/** What one core of each station carries, for docs/scaling.md. */
export function ceilingTable(): string {
  const costs = measuredCosts();
  const row = (what: string, ...parts: readonly CostName[]): string => {
    const us = parts.reduce((sum, part) => sum + costs[part], 0);
    const perSecond = US_PER_S / us;
    return `| ${what} | ${formatNumber(us)} us | ${formatNumber(perSecond)}/s | ${formatNumber(perSecond * EXAMPLE.margins.utilisation)}/s |`;
  };
  return [
    '| one | CPU a push | all of a core | at 60 % |',
    '|---|---|---|---|',
    row('ingress', 'ingressCpu'),
    row('dispatcher, to Apple', 'apnsCpu'),
    row('dispatcher, to Google', 'fcmCpu'),
    row('Redis, to Apple', 'redisAdmissionCpu', 'apnsRedisCpu'),
    row('Redis, to Google', 'redisAdmissionCpu', 'fcmRedisCpu'),
  ].join('\n');
}

/** The worked example, for docs/scaling.md. */
export function exampleTable(): string {
  const plans = EXAMPLE_RATES.map(examplePlan);
  const row = (title: string, of: (plan: CapacityPlan) => string): string => `| ${title} | ${plans.map(of).join(' | ')} |`;
  const sessions = ({ connections }: CapacityPlan): string => `${connections.apns?.sessions ?? 0} / ${connections.fcm?.sessions ?? 0}`;
  const inFlight = ({ connections }: CapacityPlan): string => formatNumber((connections.apns?.inFlight ?? 0) + (connections.fcm?.inFlight ?? 0));
  return [
    `| pushes a second | ${EXAMPLE_RATES.map(formatNumber).join(' | ')} |`,
    `|---|${EXAMPLE_RATES.map(() => '---').join('|')}|`,
    row('ingress', ({ ingress }) => `${ingress.processes}, ${formatBytes(ingress.memory)}`),
    row('dispatchers', ({ dispatcher }) => `${dispatcher.processes}, ${formatBytes(dispatcher.memory)}`),
    row('in flight', inFlight),
    row('sessions to Apple / to Google', sessions),
    row('Redis masters (each with a replica)', ({ redis }) => String(redis.masters)),
    row('partitions of the larger app', ({ redis }) => String(redis.partitions)),
    row('data on Redis after an hour of outage', ({ redis }) => `${formatBytes(redis.dataBytes)} (${formatNumber(redis.waitingPushes)} waiting)`),
    row('cores used', ({ coresUsed }) => formatFigure(coresUsed)),
    row('cores to have', ({ coresToHave }) => formatNumber(coresToHave)),
  ].join('\n');
}

/** The plan of the worked example at one of its rates. */
export function examplePlan(rate: number): CapacityPlan {
  const { demand, margins } = EXAMPLE;
  return planCapacity({ demand: { ...demand, rate }, margins, settings: defaultMemorySettings(), costs: measuredCosts() });
}
