// npm run soak: installs, builds, then loads and breaks things for long. Arguments are passed on: npm run soak -- --minutes 20
import { ensureInstalled } from './ensure-installed.mjs';
import { buildApps, run } from './run.mjs';

await ensureInstalled();
process.stdout.write('building ...\n');
const code = await buildApps({ quiet: true });
if (code !== 0) process.exit(code);

// What the caller set for its own Node (inspectors, loaders) must not reach the processes under test.
const { NODE_OPTIONS: _, ...environment } = process.env;
process.exitCode = await run([process.execPath, 'dist/chaos/bin/soak-main.js', ...process.argv.slice(2)], { environment });
