// npm run chaos: installs, builds, then breaks things. Arguments are passed on: npm run chaos -- --only kill-ingress --seed 7
import { ensureInstalled } from './ensure-installed.mjs';
import { buildApps, run } from './run.mjs';

await ensureInstalled();
process.stdout.write('building ...\n');
const code = await buildApps({ quiet: true });
if (code !== 0) process.exit(code);

// What the caller set for its own Node (inspectors, loaders) must not reach the processes under test.
const { NODE_OPTIONS: _, ...environment } = process.env;
process.exitCode = await run([process.execPath, 'dist/chaos/bin/main.js', ...process.argv.slice(2)], { environment });
