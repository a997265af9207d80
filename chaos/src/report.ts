import { readFileSync, writeFileSync } from 'node:fs';

import type { ScenarioResult } from './run-scenario';

const MS_PER_S = 1000;
const HEADINGS = [
  'scenario',
  'acknowledged',
  'delivered',
  'rejected',
  'superseded',
  'expired',
  'lost',
  'second pushes',
  'ready again, s',
  'delay p50 / p99 / max, s',
] as const;

/** One line for the terminal when a scenario is over. */
export function progressLine({ name, findings, violations, tookMs, note, retries }: ScenarioResult): string {
  const verdict = violations.length === 0 ? 'ok' : 'VIOLATED';
  const { acknowledged, lost, secondPushes, secondGapMs, readyMs, delayMs } = findings;
  const gap = secondPushes === 0 ? '' : ` (${seconds(secondGapMs.p50)}..${seconds(secondGapMs.max)} s later)`;
  return (
    `${verdict}  ${name}: ${acknowledged} acknowledged, ${lost} lost, ${secondPushes} second${gap}, ready after ${seconds(readyMs)} s, ` +
    `longest delay ${seconds(delayMs.max)} s (took ${seconds(tookMs)} s)${retries.size === 0 ? '' : `; repeated: ${counted(retries)}`}${note === undefined ? '' : `; ${note}`}\n` +
    [...violations.map(({ text }) => text), ...findings.losses].map((each) => `          ${each}\n`).join('')
  );
}

/** The scenarios' figures beside their bounds, as a table of Markdown. */
export function figuresTable(results: readonly ScenarioResult[]): string {
  const rows = results.map(({ name, findings, bounds }) => {
    const { acknowledged, delivered, rejected, superseded, expired, lost, secondPushes, readyMs, delayMs } = findings;
    return [
      `\`${name}\``,
      ...[acknowledged, delivered, rejected, superseded].map(String),
      bounded(expired, bounds.expired ?? 0),
      bounded(lost, bounds.lost ?? 0),
      bounded(secondPushes, bounds.secondPushes),
      `${seconds(readyMs)} (<= ${seconds(bounds.readyMs)})`,
      `${seconds(delayMs.p50)} / ${seconds(delayMs.p99)} / ${seconds(delayMs.max)} (<= ${seconds(bounds.delayMs)})`,
    ];
  });
  return table([HEADINGS, HEADINGS.map((_, column) => (column === 0 ? '---' : '--:')), ...rows]);
}

/** What each scenario does, and what it has to say beside the figures. */
export function summariesTable(results: readonly ScenarioResult[]): string {
  const rows = results.map(({ name, summary, note, refusals, retries }) => [
    `\`${name}\``,
    summary,
    counted(refusals),
    counted(retries),
    note ?? '',
  ]);
  const headings = ['scenario', 'what happens', 'homeservers got besides 200', 'dispatchers repeated because of', 'remarks'];
  return table([headings, headings.map(() => '---'), ...rows]);
}

/** Replaces what stands between the markers of `name` in a file; the rest is written by hand. @throws Error without markers. */
export function writeBetweenMarkers(file: string, name: string, text: string): void {
  const begin = `<!-- ${name}: begin, written by the suite -->`;
  const end = `<!-- ${name}: end -->`;
  const content = readFileSync(file, 'utf8');
  const from = content.indexOf(begin);
  const to = content.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file} has no markers of ${name}`);
  writeFileSync(file, `${content.slice(0, from + begin.length)}\n${text}${content.slice(to)}`);
}

function table(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function counted(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([what, count]) => `${what}: ${count}`).join(', ');
}

function bounded(value: number, bound: number): string {
  return bound === 0 ? String(value) : `${value} (<= ${bound})`;
}

function seconds(ms: number): string {
  return Number.isFinite(ms) ? String(Number((ms / MS_PER_S).toPrecision(2))) : 'never';
}
