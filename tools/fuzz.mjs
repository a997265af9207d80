// npm run fuzz: installs, builds, then throws cases at ingress. Arguments are passed on: npm run fuzz -- --cases 1000 --seed 7
import { ensureInstalled } from './ensure-installed.mjs';
import { buildApps, run } from './run.mjs';

await ensureInstalled();
process.stdout.write('building ...\n');
const code = await buildApps({ quiet: true });
if (code !== 0) process.exit(code);

const { NODE_OPTIONS: _, ...environment } = process.env;
process.exitCode = await run([process.execPath, 'dist/fuzz/main.js', ...process.argv.slice(2)], { environment });
