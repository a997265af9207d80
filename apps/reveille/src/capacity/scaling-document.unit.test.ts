import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { readEnvironment, withGenerated } from '@reveille/config';
import { metricDefinitions } from '@reveille/observability';
import { z } from 'zod';

import type { capacityView } from './capacity-view';
import { MEASURED_COSTS, measuredCosts } from './measured-costs';
import { ceilingTable, costTable, EXAMPLE_FLAGS, examplePlan, exampleTable } from './scaling-tables';
import { runCapacity } from '../run-capacity';
import { testTerminal } from '../test-terminal';

const WORKSPACE = join(__dirname, '../../../..');
const DOCUMENT = join(WORKSPACE, 'docs/scaling.md');
const read = (file: string): string => readFileSync(join(WORKSPACE, file), 'utf8');
/** Memory does not depend on the machine; CPU time does, and on what else it does. */
const TOLERANCES = { B: 1.25, MB: 1.5, 'us/push': 2 } as const;

const baselineSchema = z.object({ rows: z.array(z.object({ name: z.string(), value: z.number() })) });

it('docs/scaling.md has the tables of the measured costs (UPDATE_DOCS=1 npx jest apps/reveille/src/capacity --selectProjects reveille writes them)', () => {
  const committed = readFileSync(DOCUMENT, 'utf8');
  const tables = { costs: costTable(), ceilings: ceilingTable(), examples: exampleTable() };
  const generated = Object.entries(tables).reduce((document, [name, table]) => withGenerated(document, name, table), committed);
  if (readEnvironment().UPDATE_DOCS === '1') writeFileSync(DOCUMENT, generated);
  else expect(committed).toBe(generated);
});

it('the worked example is what the command says', () => {
  let printed = '';
  runCapacity(['--rate', '10000', ...EXAMPLE_FLAGS, '--json'], {
    environment: {},
    cwd: '/',
    print: (text) => void (printed += text),
    complain: () => undefined,
    terminal: testTerminal(),
  });
  const plan = examplePlan(10_000);
  expect(JSON.parse(printed)).toMatchObject({
    ingress: { processes: plan.ingress.processes },
    dispatcher: { processes: plan.dispatcher.processes },
    redis: { masters: plan.redis.masters, partitions: plan.redis.partitions, data_bytes: plan.redis.dataBytes },
    cores: { used: plan.coresUsed, to_have: plan.coresToHave },
  } satisfies Partial<Record<keyof ReturnType<typeof capacityView>, unknown>>);
});

/** How bench/README.md writes a row: those of all providers, latencies and roles stand there once. */
function explainedAs(row: string): string[] {
  const [benchmark = '', figure = ''] = row.split('/');
  if (benchmark === 'idle') return ['`idle/...`'];
  if (benchmark === 'whole') return [`\`whole/...-${figure.split('-').at(-1) ?? ''}\``];
  if (figure.endsWith('-60ms')) return [`\`.../${figure.replace('-60ms', '')}\``];
  return [`\`${row}\``, `\`${figure}\``];
}

describe.each(Object.entries(MEASURED_COSTS))('%s', (name, { row, unit, value }) => {
  it('is a row of the benchmark, explained in bench/README.md', () => {
    const document = read('bench/README.md');
    expect(explainedAs(row).filter((text) => document.includes(text))).not.toEqual([]);
  });

  it('is near bench/baseline.json, where that has the row', () => {
    const { rows } = baselineSchema.parse(JSON.parse(read('bench/baseline.json')));
    const factor = TOLERANCES[unit];
    for (const { value: measured } of rows.filter((candidate) => candidate.name === row)) {
      expect({ name, near: value <= measured * factor && value >= measured / factor }).toEqual({ name, near: true });
    }
  });
});

it('what a waiting push takes in all is near bench/baseline.json', () => {
  const { waitingJob, duplicateMark, trace } = measuredCosts();
  const { rows } = baselineSchema.parse(JSON.parse(read('bench/baseline.json')));
  const measured = rows.find(({ name }) => name === 'memory/waiting-push')?.value ?? Number.NaN;
  const ratio = (waitingJob + duplicateMark + trace) / measured;
  expect(ratio).toBeGreaterThan(1 / TOLERANCES.B);
  expect(ratio).toBeLessThan(TOLERANCES.B);
});

it('every metric that docs/scaling.md names exists', () => {
  const named = [...readFileSync(DOCUMENT, 'utf8').matchAll(/`(reveille_\w+)/g)].map(([, metric]) => metric);
  expect(named.length).toBeGreaterThan(0);
  const ours = named.filter((metric) => metric !== undefined && !/^reveille_(nodejs|process)_/.test(metric));
  expect(ours.filter((metric) => metric === undefined || !(metric in metricDefinitions))).toEqual([]);
});
