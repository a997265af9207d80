// Bundles one app: our own TypeScript into one file, every package left to node_modules.
// An app with a web page (apps/NAME/web) gets that too.
// Usage: node tools/build-app.mjs NAME  ->  dist/apps/NAME/main.js, dist/apps/NAME/public/
import { existsSync } from 'node:fs';

import { build } from 'esbuild';

import { buildWeb } from './build-web.mjs';

const name = process.argv[2];
if (!name) {
  console.error('usage: node tools/build-app.mjs NAME');
  process.exit(2);
}
await build({
  entryPoints: [`apps/${name}/src/main.ts`],
  outfile: `dist/apps/${name}/main.js`,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  packages: 'external',
  tsconfig: 'tsconfig.base.json',
  sourcemap: true,
  logLevel: 'warning',
});
if (existsSync(`apps/${name}/web`)) await buildWeb({ source: `apps/${name}/web`, target: `dist/apps/${name}/public` });
