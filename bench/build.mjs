// Bundles the benchmark and its worker processes: our own TypeScript, every package left to node_modules.
// Usage: node bench/build.mjs  ->  dist/bench/*.js
import { build } from 'esbuild';

const WORKERS = ['load-generator', 'bare-ingress', 'push-server', 'raw-push-client', 'loop-probe'];

await build({
  entryPoints: ['bench/src/main.ts', ...WORKERS.map((name) => `bench/src/workers/${name}.ts`)],
  outdir: 'dist/bench',
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
