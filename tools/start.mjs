// npm start: installs, builds, then runs the demonstration, or with REVEILLE_CONFIG the relay with that configuration.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { ensureInstalled } from './ensure-installed.mjs';
import { buildApps, root } from './run.mjs';

await ensureInstalled();
process.stdout.write('building ...\n');
const code = await buildApps({ quiet: true });
if (code !== 0) process.exit(code);

// In this very process: Ctrl-C and SIGTERM meet the supervisor directly, with nothing in between to pass them on.
const main = join(root, 'dist/apps/reveille/main.js');
const config = process.env.REVEILLE_CONFIG;
process.argv = [process.execPath, main, ...(config ? ['serve', '--config', config] : ['demo']), ...process.argv.slice(2)];
await import(pathToFileURL(main).href);
