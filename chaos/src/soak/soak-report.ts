import type { Growth } from './growth';
import type { SoakResult } from './run-soak';

const PERCENT = 100;
const MS_PER_S = 1000;

/** The figures of a soak, as Markdown. */
export function soakReport({ findings, faults, growth }: SoakResult): string {
  const { acknowledged, delivered, rejected, superseded, expired, lost, secondPushes, delayMs } = findings;
  const seconds = (ms: number): string => (ms / MS_PER_S).toPrecision(2);
  return (
    `${acknowledged} pushes acknowledged: ${delivered} delivered, ${rejected} rejected, ${superseded} superseded, ${expired} expired, ` +
    `${lost} lost; ${secondPushes} second pushes. Delay p50 ${seconds(delayMs.p50)} s, p99 ${seconds(delayMs.p99)} s.\n\n` +
    `Faults: ${[...faults].map(([name, count]) => `${name} ${count}`).join(', ')}.\n\n` +
    '| figure | after the first quarter | at the end | change | |\n| --- | --: | --: | --: | --- |\n' +
    growth.map((each) => `${rowOf(each)}\n`).join('')
  );
}

function rowOf({ figure, before, after, change, ok }: Growth): string {
  const verdict = ok === undefined ? 'not judged' : ok ? 'ok' : 'GREW';
  const sign = change > 0 ? '+' : '';
  return `| ${figure} | ${before.toFixed(1)} | ${after.toFixed(1)} | ${sign}${(change * PERCENT).toFixed(0)} % | ${verdict} |`;
}
