// Bundles the fuzzer and the watch that it loads into the process under test: our own TypeScript, every package left to
// node_modules.
// Usage: node fuzz/build.mjs  ->  dist/fuzz/*.js
import { build } from 'esbuild';

await build({
  entryPoints: ['fuzz/src/main.ts', 'fuzz/src/loop-watch.ts'],
  outdir: 'dist/fuzz',
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
