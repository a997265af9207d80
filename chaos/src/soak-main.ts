import { randomInt } from 'node:crypto';

import { readEnvironment } from '@reveille/config';

import { describeMachine } from './machine';
import { writeBetweenMarkers } from './report';
import { findChaosRedis } from './single-redis';
import { runSoak } from './soak/run-soak';
import { parseSoakOptions, SOAK_USAGE, type SoakOptions } from './soak/soak-options';
import { soakReport } from './soak/soak-report';
import { REPORT_FILE } from './workspace-paths';

const EXIT_VIOLATED = 1;
const EXIT_WRONG_USE = 2;
const EXIT_SIGINT = 130;
const MAX_SEED = 2 ** 31 - 1;

/** Runs the soak and tells its figures. Returns the exit code. */
async function soak(options: SoakOptions): Promise<number> {
  const { version } = await findChaosRedis();
  const machine = describeMachine(version);
  const facts = `Seed ${options.seed}, ${options.minutes} minutes at ${options.rate} pushes a second; ${machine}.`;
  write(`${facts}\n`);
  const result = await runSoak(options, { environment: readEnvironment(), progress: (line) => write(`${line}\n`) });
  const report = `${facts}\n\n${soakReport(result)}`;
  write(`\n${report}`);
  if (options.report) writeBetweenMarkers(REPORT_FILE, 'soak', report);
  const grown = result.growth.filter(({ ok }) => ok === false).map(({ figure }) => `grew: ${figure}`);
  const broken = [...result.violations.map(({ text }) => text), ...result.findings.losses, ...grown];
  if (broken.length === 0) return 0;
  write(`\nviolated:\n${broken.map((each) => `  ${each}\n`).join('')}`);
  write(`again: npm run soak -- --seed ${options.seed} --minutes ${options.minutes} --rate ${options.rate}\n`);
  return EXIT_VIOLATED;
}

function write(text: string): void {
  process.stdout.write(text);
}

const parsed = parseSoakOptions(process.argv.slice(2), randomInt(1, MAX_SEED));
if (parsed.ok) {
  // The roles end with their IPC channels, Redis with its watchdog.
  process.on('SIGINT', () => process.exit(EXIT_SIGINT)).on('SIGTERM', () => process.exit(EXIT_SIGINT));
  soak(parsed.options).then(
    (code) => (process.exitCode = code),
    (error: unknown) => {
      process.stderr.write(`soak: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exitCode = EXIT_VIOLATED;
    },
  );
} else {
  process.stderr.write(`${parsed.message}\n${SOAK_USAGE}`);
  process.exitCode = EXIT_WRONG_USE;
}
