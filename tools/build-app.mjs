// Bundles one app: our own TypeScript into one file, every package left to node_modules.
// Usage: node tools/build-app.mjs NAME  ->  dist/apps/NAME/main.js
import { build } from 'esbuild';

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
