// Bundles the chaos suite and the soak: our own TypeScript, every package left to node_modules.
// Usage: node chaos/build.mjs  ->  dist/chaos/bin/*.js
import { copyFileSync } from 'node:fs';
import { build } from 'esbuild';

await build({
  entryPoints: ['chaos/src/main.ts', 'chaos/src/soak-main.ts'],
  // As deep as libs/testing/src, which looks for Redis from where it stands.
  outdir: 'dist/chaos/bin',
  entryNames: '[name]',
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  packages: 'external',
  tsconfig: 'tsconfig.base.json',
  sourcemap: true,
  logLevel: 'warning',
});
// Loaded by the roles under test with --require, so it is a file of its own.
copyFileSync('chaos/src/clock-shift.cjs', 'dist/chaos/bin/clock-shift.cjs');
