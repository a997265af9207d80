import { readEnvironment } from '@reveille/config';
import { join, resolve } from 'node:path';

import { parseFuzzArguments, USAGE, type FuzzArguments } from './fuzz-options';
import { runFuzz, type FuzzReport, type Memory } from './run-fuzz';

const EXIT_VIOLATED = 1;
const EXIT_WRONG_USE = 2;
/** No turn of the event loop may compute longer: everybody else waits. Milliseconds. */
const MAX_STALL_MS = 100;
/** Growth between the first quarter and the end that is still noise. */
const MAX_GROWTH = 1.1;
/** Bytes. A collector may keep so much more or less. */
const NOISE_BYTES = 8 * 1024 ** 2;

/** The top folder, seen from dist/fuzz. */
const ROOT = resolve(__dirname, '../..');

async function main(values: FuzzArguments): Promise<number> {
  write(`seed ${values.seed}\n`);
  const report = await runFuzz({
    ...values,
    scripts: { ingress: join(ROOT, 'dist/apps/ingress/main.js'), watch: join(__dirname, 'loop-watch.js') },
    environment: readEnvironment(),
    progress: (line) => write(`  ${line}\n`),
  });
  for (const { seed, index, what, case: shown } of report.violations) {
    write(`\nviolation: ${what}\n  repeat: --seed ${seed} --cases ${index + 1} (its last case)\n  ${shown}\n`);
  }
  const faults = faultsOf(report);
  write(`\n${summary(report)}${faults.map((fault) => `NOT HELD: ${fault}\n`).join('')}`);
  return faults.length === 0 ? 0 : EXIT_VIOLATED;
}

function faultsOf({ violations, stallMs, quarter, end }: FuzzReport): string[] {
  return [
    ...(violations.length > 0 ? [`${violations.length} violations`] : []),
    ...(stallMs > MAX_STALL_MS ? [`a stall of ${stallMs.toFixed(0)} ms`] : []),
    ...memoryFaults(quarter, end),
  ];
}

function memoryFaults(quarter: Memory | undefined, end: Memory): string[] {
  if (!quarter) return ['memory was not compared: the run ended before its first quarter'];
  return isGrown(quarter.rss, end.rss) || isGrown(quarter.heap, end.heap) ? ['memory grows'] : [];
}

function isGrown(before: number, after: number): boolean {
  return after > before * MAX_GROWTH + NOISE_BYTES;
}

function summary({ cases, seconds, replies, stallMs, delayMs, quarter, end }: FuzzReport): string {
  const counts = Object.entries(replies).sort(([a], [b]) => a.localeCompare(b));
  const memory = ({ rss, heap }: Memory): string => `${mb(rss)} MB resident, ${mb(heap)} MB heap`;
  return `${cases} cases in ${seconds.toFixed(0)} s: ${counts.map(([name, count]) => `${name} ${count}`).join(', ')}
longest turn of the event loop: ${stallMs.toFixed(0)} ms computing (${delayMs.toFixed(0)} ms by the clock)
memory after the first quarter: ${quarter ? memory(quarter) : 'not measured'}; at the end: ${memory(end)}
`;
}

function mb(bytes: number): string {
  return (bytes / 1024 ** 2).toFixed(1);
}

function write(text: string): void {
  process.stdout.write(text);
}

const parsed = parseFuzzArguments(process.argv.slice(2), Math.floor(Math.random() * 2 ** 30));
if (parsed.ok) {
  void main(parsed.values).then((code) => (process.exitCode = code));
} else {
  process.stderr.write(`${parsed.message}\n${USAGE}`);
  process.exitCode = EXIT_WRONG_USE;
}
