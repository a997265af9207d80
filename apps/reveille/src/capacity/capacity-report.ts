import type { CapacityAnswer } from './capacity-view';
import { PROVIDERS } from './demand';
import { formatBytes, formatFigure, formatNumber } from './format';
import { MEASURED_ON } from './measured-costs';
import type { CapacityPlan, ConnectionPlan, PlanOptions, RedisPlan, RolePlan } from './plan-capacity';

const TITLE_WIDTH = 13;
const PERCENT = 100;
const MS_PER_MINUTE = 60_000;
const PROVIDER_NAMES = { apns: 'Apple', fcm: 'Google' } as const;

/** What `reveille capacity` prints. */
export function capacityReport({ options, plan, warnings }: CapacityAnswer): string {
  const sections = [
    [askedLine(options)],
    processLines(plan),
    connectionLines(plan),
    redisLines(plan.redis),
    [line('cores', `${formatFigure(plan.coresUsed)} used, ${formatNumber(plan.coresToHave)} so that every process and Redis has one`)],
    ...(warnings.length > 0 ? [warnings.map(({ text }) => `! ${text}`)] : []),
    [`Measured on ${MEASURED_ON.cores} cores of an ${MEASURED_ON.cpu}, ${MEASURED_ON.at}: an estimate. Measure your own: docs/scaling.md`],
  ];
  return `${sections.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

function askedLine({ demand, margins }: PlanOptions): string {
  const google = demand.fcmShare === 0 ? '' : `, ${formatFigure(demand.fcmShare * PERCENT)} % to Google`;
  return (
    `${formatNumber(demand.rate)} pushes a second${google}, providers answer in ${demand.latencyMs} ms, ${formatNumber(demand.devices)} devices, ` +
    `${demand.apps} ${demand.apps === 1 ? 'app' : 'apps'}; an outage of ${formatFigure(demand.outageMs / MS_PER_MINUTE)} minutes; ` +
    `processes ${formatFigure(margins.utilisation * PERCENT)} % busy, ${margins.spare} spare`
  );
}

function processLines({ ingress, dispatcher, admin }: CapacityPlan): string[] {
  return [roleLine('ingress', ingress), roleLine('dispatchers', dispatcher), roleLine('admin', admin)];
}

function roleLine(title: string, { needed, processes, cores, memory }: RolePlan): string {
  const spare = processes > needed ? ` (${needed} and ${processes - needed} spare)` : '';
  const used = cores > 0 ? `, ${formatFigure(cores)} cores` : '';
  return line(title, `${processes} ${processes === 1 ? 'process' : 'processes'}${spare}${used}, ${formatBytes(memory)}`);
}

function connectionLines({ connections }: CapacityPlan): string[] {
  return PROVIDERS.flatMap((name) => {
    const plan = connections[name];
    return plan ? [line(PROVIDER_NAMES[name], connectionText(plan))] : [];
  });
}

function connectionText({ inFlight, concurrency, streamsPerSession, sessionsPerDispatcher, sessions }: ConnectionPlan): string {
  return (
    `${formatNumber(inFlight)} in flight; ${formatNumber(sessions)} sessions of ${formatNumber(streamsPerSession)} streams, ` +
    `${sessionsPerDispatcher} for an app in each dispatcher; concurrency: ${formatNumber(concurrency)}`
  );
}

function redisLines({ masters, replicas, partitions, cores, memory, dataBytes, machineBytes, waitingPushes }: RedisPlan): string[] {
  const copies = replicas > 0 ? `, ${replicas} ${replicas === 1 ? 'replica' : 'replicas'} each` : '';
  const spread = partitions > 1 ? `, ${formatNumber(partitions)} partitions of the largest app` : '';
  return [
    line('Redis', `${masters} ${masters === 1 ? 'master' : 'masters'}${copies}${spread}, ${formatFigure(cores)} cores`),
    line('', `${formatBytes(dataBytes)} of data, machines with ${formatBytes(machineBytes)} in all`),
    line('', `  waiting ${formatBytes(memory.waiting)} (${formatNumber(waitingPushes)} pushes), duplicate marks ${formatBytes(memory.duplicateMarks)},`),
    line('', `  explain ${formatBytes(memory.traces)}, dead pushkeys ${formatBytes(memory.rejections)}, failed ${formatBytes(memory.failed)}, books ${formatBytes(memory.books)}`),
  ];
}

function line(title: string, text: string): string {
  return `${title.padEnd(TITLE_WIDTH)}${text}`;
}
