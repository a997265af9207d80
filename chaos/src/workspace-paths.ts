import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The top folder: this file runs from chaos/src and, bundled, from dist/chaos/bin. */
const ROOT = folderWith('nx.json', __dirname);

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

function folderWith(name: string, from: string): string {
  if (existsSync(join(from, name)) || from === dirname(from)) return from;
  return folderWith(name, dirname(from));
}
