import { join, resolve } from 'node:path';

/** The top folder, seen from dist/bench. */
const ROOT = resolve(__dirname, '../..');

/** Where a Redis that was unpacked from the distribution's packages is kept. */
export const REDIS_CACHE_DIRECTORY = join(ROOT, '.cache/redis');

/** What `--check` compares with. */
export const BASELINE_FILE = join(ROOT, 'bench/baseline.json');

export type RoleName = 'ingress' | 'dispatcher' | 'admin';
export type WorkerName = 'load-generator' | 'bare-ingress' | 'push-server' | 'raw-push-client' | 'loop-probe';

/** The built main of a role: what production runs. */
export function roleScript(role: RoleName): string {
  return join(ROOT, 'dist/apps', role, 'main.js');
}

/** The built main of a process of the benchmark's own. */
export function workerScript(worker: WorkerName): string {
  return join(__dirname, `${worker}.js`);
}
