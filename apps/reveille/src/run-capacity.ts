import { parseArgs } from 'node:util';
import { isNativeError } from 'node:util/types';

import { parseDuration } from '@reveille/config';

import { defaultLimits, defaultMemorySettings } from './capacity/capacity-defaults';
import { capacityReport } from './capacity/capacity-report';
import { capacityView, type CapacityAnswer } from './capacity/capacity-view';
import { capacityWarnings } from './capacity/capacity-warnings';
import type { Demand, Margins } from './capacity/demand';
import { measuredCosts } from './capacity/measured-costs';
import { planCapacity, type PlanOptions } from './capacity/plan-capacity';
import { UsageError, type CommandContext } from './command';
import { wholeNumber, type Range } from './flag-values';

type Values = Readonly<Record<string, string | undefined>>;

/** Each flag with a number: what it may be, and what it is when absent. */
const NUMBERS = {
  rate: { least: 1, most: 10_000_000 },
  latency: { least: 1, most: 30_000, absent: 100 },
  devices: { least: 1, most: 999_999_999, absent: 1_000_000 },
  dead: { least: 0, most: 100, absent: 5 },
  'fcm-share': { least: 0, most: 100, absent: 50 },
  'fcm-projects': { least: 1, most: 1000, absent: 1 },
  apps: { least: 1, most: 10_000 },
  outage: { least: 0, most: 10_080, absent: 60 },
  utilisation: { least: 1, most: 100, absent: 60 },
  spare: { least: 0, most: 100, absent: 1 },
  'redis-memory': { least: 1, most: 100_000, absent: 32 },
  'explain-pushes': { least: 0, most: 999_999_999 },
} as const satisfies Readonly<Record<string, Range & { readonly absent?: number }>>;

const PERCENT = 100;
const MS_PER_MINUTE = 60_000;
const BYTES_PER_GB = 1_000_000_000;

/** Says how many processes, connections, Redis masters, cores and bytes a rate needs; exit code 0 or 2 (wrong use). */
export function runCapacity(args: readonly string[], context: CommandContext): number {
  const { values, json } = parseCapacityArguments(args);
  const options = planOptions(values);
  const plan = planCapacity(options);
  const answer: CapacityAnswer = { options, plan, warnings: capacityWarnings(options, plan, defaultLimits()) };
  context.print(json ? `${JSON.stringify(capacityView(answer))}\n` : capacityReport(answer));
  return 0;
}

function planOptions(values: Values): PlanOptions {
  return { demand: demandOf(values), margins: marginsOf(values), settings: settingsOf(values), costs: measuredCosts() };
}

function demandOf(values: Values): Demand {
  const rate = wholeNumber(values, 'rate', NUMBERS.rate);
  if (rate === undefined) throw new UsageError('--rate says how many pushes a second there are at the busiest time');
  const fcmShare = numberOr(values, 'fcm-share') / PERCENT;
  return {
    rate,
    fcmShare,
    apps: appsOf(values, fcmShare),
    fcmProjects: numberOr(values, 'fcm-projects'),
    latencyMs: numberOr(values, 'latency'),
    devices: numberOr(values, 'devices'),
    deadShare: numberOr(values, 'dead') / PERCENT,
    outageMs: numberOr(values, 'outage') * MS_PER_MINUTE,
  };
}

function appsOf(values: Values, fcmShare: number): number {
  const least = fcmShare > 0 && fcmShare < 1 ? 2 : 1;
  const apps = wholeNumber(values, 'apps', NUMBERS.apps) ?? least;
  if (apps >= least) return apps;
  throw new UsageError('an app is of Apple or of Google: --fcm-share 0 or 100, or --apps 2 and more');
}

function marginsOf(values: Values): Margins {
  return {
    utilisation: numberOr(values, 'utilisation') / PERCENT,
    spare: numberOr(values, 'spare'),
    masterBytes: numberOr(values, 'redis-memory') * BYTES_PER_GB,
  };
}

function settingsOf(values: Values): PlanOptions['settings'] {
  const settings = defaultMemorySettings();
  const window = values['dedupe-window'];
  return {
    ...settings,
    dedupeWindowMs: window === undefined ? settings.dedupeWindowMs : durationOf('dedupe-window', window),
    explainPushes: wholeNumber(values, 'explain-pushes', NUMBERS['explain-pushes']) ?? settings.explainPushes,
  };
}

function durationOf(flag: string, text: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw new UsageError(`--${flag} must be a time (30m, 1h, 1d), not '${text}'`);
}

type WithDefault = { [Name in keyof typeof NUMBERS]: (typeof NUMBERS)[Name] extends { absent: number } ? Name : never }[keyof typeof NUMBERS];

function numberOr(values: Values, name: WithDefault): number {
  return wholeNumber(values, name, NUMBERS[name]) ?? NUMBERS[name].absent;
}

function parseCapacityArguments(args: readonly string[]): { readonly values: Values; readonly json: boolean } {
  try {
    const names = [...Object.keys(NUMBERS), 'dedupe-window'];
    const options: Record<string, { type: 'string' | 'boolean' }> = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
    options.json = { type: 'boolean' };
    const { values } = parseArgs({ args: [...args], options });
    const texts = Object.entries(values).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return { values: Object.fromEntries(texts), json: values.json === true };
  } catch (error) {
    throw new UsageError(isNativeError(error) ? error.message : 'wrong arguments');
  }
}
