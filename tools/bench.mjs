// npm run bench: installs, builds, then measures. Arguments are passed on: npm run bench -- --only ingress --seconds 10
import { ensureInstalled } from './ensure-installed.mjs';
import { buildApps, run } from './run.mjs';

await ensureInstalled();
process.stdout.write('building ...\n');
const code = await buildApps({ quiet: true });
if (code !== 0) process.exit(code);

// What the caller set for its own Node (inspectors, loaders) must not be measured.
const { NODE_OPTIONS: _, ...environment } = process.env;
process.exitCode = await run([process.execPath, 'dist/bench/main.js', ...process.argv.slice(2)], { environment });
