import { join, resolve } from 'node:path';

/** The top folder, seen from dist/apps/reveille as well as from apps/reveille/src. */
const ROOT = resolve(__dirname, '../../..');

export type RoleName = 'ingress' | 'dispatcher' | 'admin' | 'simulator';

/** The built main of a role. An app never imports an app: it starts its built main. */
export function roleScript(role: RoleName): string {
  return join(ROOT, 'dist/apps', role, 'main.js');
}

/** Where a Redis that was unpacked from the distribution's packages is kept. */
export const REDIS_CACHE_DIRECTORY = join(ROOT, '.cache/redis');
/** Where the demonstration keeps what waits in its queues. */
export const DEMO_DATA_DIRECTORY = join(ROOT, 'data');
