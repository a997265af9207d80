// npm test: installs, builds, gets a Redis, then runs the whole suite. Arguments are passed on: npm test -- libs/queue
import { ensureInstalled } from './ensure-installed.mjs';
import { buildApps, run } from './run.mjs';

await step(ensureInstalled());
await step(buildApps({ quiet: false }));
await step(run([process.execPath, 'dist/apps/reveille/main.js', 'prepare-redis']));

// What the caller set for its own Node (inspectors, loaders) must not decide how the tests run.
const { NODE_OPTIONS: _, ...environment } = process.env;
process.exitCode = await run([process.execPath, 'node_modules/.bin/jest', ...process.argv.slice(2)], { environment });

async function step(exitCode) {
  const code = (await exitCode) ?? 0;
  if (code !== 0) process.exit(code);
}
