import { readFileSync, writeFileSync } from 'node:fs';
import { readEnvironment } from '@reveille/config';
import { parseBenchOptions, usage, type BenchOptions } from './bench-options';
import { findBenchRedis } from './bench-redis';
import { backlogBenchmark } from './benchmarks/backlog';
import type { Benchmark } from './benchmarks/benchmark';
import { burstBenchmark } from './benchmarks/burst';
import { apnsBenchmark, fcmBenchmark } from './benchmarks/dispatcher';
import { failedSearchBenchmark } from './benchmarks/failed-search';
import { governorBenchmark } from './benchmarks/governor';
import { idleMemoryBenchmark } from './benchmarks/idle-memory';
import { ingressBenchmark } from './benchmarks/ingress';
import { ingressHalfLoadBenchmark } from './benchmarks/ingress-half-load';
import { lanesBenchmark } from './benchmarks/lanes';
import { queueMemoryBenchmark } from './benchmarks/queue-memory';
import { scaleOutBenchmark } from './benchmarks/scale-out';
import { wholeWayBenchmark } from './benchmarks/whole-way';
import { baselineSchema, compareWithBaseline, countComparable } from './check-baseline';
import { describeMachine } from './machine';
import { formatTable, type Report } from './report';
import type { Row } from './row';
import { BASELINE_FILE } from './workspace-paths';

const BENCHMARKS: readonly Benchmark[] = [
  ingressBenchmark,
  ingressHalfLoadBenchmark,
  apnsBenchmark,
  fcmBenchmark,
  wholeWayBenchmark,
  queueMemoryBenchmark,
  backlogBenchmark,
  burstBenchmark,
  lanesBenchmark,
  scaleOutBenchmark,
  failedSearchBenchmark,
  governorBenchmark,
  idleMemoryBenchmark,
];
const EXIT_FAILED = 1;
const EXIT_WRONG_USE = 2;
/** Only with `--check`. */
const EXIT_WORSE = 3;
const EXIT_SIGINT = 130;

/** Runs the benchmarks that were asked for and tells the figures. No figure makes it fail, but for what `--check` finds. */
async function runBench(options: BenchOptions): Promise<void> {
  const { version } = await findBenchRedis();
  const { seconds, rounds, profile, only } = options;
  const machine = describeMachine({ redis: version, seconds, rounds });
  const rows: Row[] = [];
  for (const benchmark of BENCHMARKS.filter(({ name }) => only === undefined || name === only)) {
    write(`${benchmark.name}: ${benchmark.summary}\n`);
    const startedAt = performance.now();
    const progress = (line: string): void => write(`  ${line}\n`);
    rows.push(...(await benchmark.run({ seconds, rounds, profile, environment: readEnvironment(), progress })));
    progress(`took ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  }
  const report: Report = { machine, rows };
  const { cpu, cores, node, redis, loadBefore } = machine;
  write(`\n${cores} x ${cpu}, Node ${node}, Redis ${redis}, load before ${loadBefore.toFixed(2)}\n\n`);
  write(formatTable(rows));
  if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify(report, undefined, 2)}\n`);
  if (options.check && !isAsGoodAsBaseline(rows)) process.exitCode = EXIT_WORSE;
}

function isAsGoodAsBaseline(rows: readonly Row[]): boolean {
  const baseline = baselineSchema.parse(JSON.parse(readFileSync(BASELINE_FILE, 'utf8')));
  const worse = compareWithBaseline(rows, baseline);
  write(`\n${countComparable(rows, baseline)} ratios compared with the baseline, ${worse.length} clearly worse\n`);
  for (const line of worse) write(`  ${line}\n`);
  return worse.length === 0;
}

function write(text: string): void {
  process.stdout.write(text);
}

const names = BENCHMARKS.map(({ name }) => name);
const parsed = parseBenchOptions(process.argv.slice(2), names, process.cwd());
if (parsed.ok) {
  // Exit handlers remove the temporary files; the processes end with their IPC channels.
  process.on('SIGINT', () => process.exit(EXIT_SIGINT)).on('SIGTERM', () => process.exit(EXIT_SIGINT));
  runBench(parsed.options).catch((error: unknown) => {
    process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = EXIT_FAILED;
  });
} else {
  process.stderr.write(`${parsed.message}\n${usage(names)}`);
  process.exitCode = EXIT_WRONG_USE;
}
