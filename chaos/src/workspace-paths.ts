import { join, resolve } from 'node:path';

/** The top folder, seen from dist/chaos and from chaos/src. */
const ROOT = resolve(__dirname, '../..');

/** Where a Redis that was unpacked from the distribution's packages is kept. */
export const REDIS_CACHE_DIRECTORY = join(ROOT, '.cache/redis');

/** Where the figures go. */
export const REPORT_FILE = join(ROOT, 'docs/reliability.md');

/** Moves the clock of the process that loads it. */
export const CLOCK_SHIFT_PRELOAD = join(__dirname, 'clock-shift.cjs');

export type RoleName = 'ingress' | 'dispatcher';

/** The built main of a role: what production runs. */
export function roleScript(role: RoleName): string {
  return join(ROOT, 'dist/apps', role, 'main.js');
}
