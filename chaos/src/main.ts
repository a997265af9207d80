import { randomInt } from 'node:crypto';

import { readEnvironment } from '@reveille/config';

import { parseChaosOptions, usage, type ChaosOptions } from './chaos-options';
import { describeMachine } from './machine';
import { figuresTable, progressLine, summariesTable, writeBetweenMarkers } from './report';
import type { ScenarioResult } from './run-scenario';
import { ALL_SCENARIOS } from './scenarios/all-scenarios';
import { findChaosRedis } from './single-redis';
import { REPORT_FILE } from './workspace-paths';

const EXIT_VIOLATED = 1;
const EXIT_WRONG_USE = 2;
const EXIT_SIGINT = 130;
const MAX_SEED = 2 ** 31 - 1;

/** Runs the scenarios that were asked for, one after another. Returns the exit code. */
async function runChaos({ seed, pushes, only, report }: ChaosOptions): Promise<number> {
  const { version } = await findChaosRedis();
  const machine = describeMachine(version);
  write(`seed ${seed}; ${machine}\n`);
  const results: ScenarioResult[] = [];
  const failed: string[] = [];
  for (const scenario of ALL_SCENARIOS.filter(({ name }) => only?.includes(name) ?? true)) {
    try {
      const result = await scenario.run({ seed, pushes, environment: readEnvironment() });
      results.push(result);
      write(progressLine(result));
    } catch (error) {
      // The others still have something to say.
      failed.push(scenario.name);
      write(`FAILED  ${scenario.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    }
  }
  const facts = `Seed ${seed}, ${pushes} pushes in each scenario; ${machine}.\n\n`;
  write(`\n${figuresTable(results)}`);
  if (report) writeBetweenMarkers(REPORT_FILE, 'chaos', `${facts}${summariesTable(results)}\n${figuresTable(results)}`);
  const violated = [...results.filter(({ violations }) => violations.length > 0).map(({ name }) => name), ...failed];
  if (violated.length === 0) return 0;
  const names = violated.join(',');
  write(`\nviolated: ${names}\nagain: npm run chaos -- --seed ${seed} --pushes ${pushes} --only ${names}\n`);
  return EXIT_VIOLATED;
}

function write(text: string): void {
  process.stdout.write(text);
}

const names = ALL_SCENARIOS.map(({ name }) => name);
const parsed = parseChaosOptions(process.argv.slice(2), names, randomInt(1, MAX_SEED));
if (parsed.ok) {
  // The roles end with their IPC channels, Redis with its watchdog.
  process.on('SIGINT', () => process.exit(EXIT_SIGINT)).on('SIGTERM', () => process.exit(EXIT_SIGINT));
  runChaos(parsed.options).then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
      process.stderr.write(`chaos: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exitCode = EXIT_VIOLATED;
    },
  );
} else {
  process.stderr.write(`${parsed.message}\n${usage(names)}`);
  process.exitCode = EXIT_WRONG_USE;
}
