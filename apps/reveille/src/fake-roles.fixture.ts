import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { RoleName } from './workspace-paths';

/**
 * Stand-ins for the built mains of the roles, for tests of the supervision: real processes that do nothing but start,
 * drain and fail as told, and write down what happened to them.
 */
export interface FakeRoles {
  readonly script: (role: RoleName) => string;
  /** Lines `ROLE EVENT DETAIL...`, in the order in which they happened. */
  readonly events: () => string[];
  /** The environment of a role's last start. */
  readonly environmentOf: (role: RoleName) => Readonly<Record<string, string>>;
  /** How a role behaves from its next start on. */
  readonly behave: (role: RoleName, behaviour: FakeBehaviour) => void;
}

export interface FakeBehaviour {
  /** Exits with this code before it is ready. */
  readonly refuse?: number;
  /** Milliseconds from SIGTERM to the exit; -1: never. */
  readonly drainMs?: number;
  /** Exits with this code as soon as it is ready. */
  readonly crash?: number;
  /** What the configuration check prints before it exits with 1. */
  readonly problem?: string;
}

/** Puts the scripts and their notes into `directory`. */
export function writeFakeRoles(directory: string): FakeRoles {
  const notes = join(directory, 'events');
  const behaviourFile = (role: RoleName) => join(directory, `${role}.json`);
  const script = (role: RoleName) => join(directory, `${role}.js`);
  const behave = (role: RoleName, behaviour: FakeBehaviour): void => {
    writeFileSync(behaviourFile(role), JSON.stringify(behaviour));
  };
  writeFileSync(notes, '');
  for (const role of ['ingress', 'dispatcher', 'admin', 'simulator'] as const) {
    behave(role, {});
    writeFileSync(script(role), fakeMain(role, behaviourFile(role), notes));
  }
  const environmentOf = (role: RoleName): Record<string, string> =>
    // As JSON.stringify wrote `process.env`.
    JSON.parse(readFileSync(`${behaviourFile(role)}.env`, 'utf8')) as Record<string, string>;
  return { script, behave, environmentOf, events: () => readFileSync(notes, 'utf8').split('\n').filter((line) => line !== '') };
}

function fakeMain(role: RoleName, behaviourFile: string, notes: string): string {
  return `
const { appendFileSync, readFileSync, writeFileSync } = require('node:fs');
const note = (...words) => appendFileSync(${JSON.stringify(notes)}, [${JSON.stringify(role)}, ...words].join(' ') + '\\n');
const told = JSON.parse(readFileSync(${JSON.stringify(behaviourFile)}, 'utf8'));
if (process.argv.includes('--check-config')) {
  if (told.problem) process.stderr.write(told.problem + '\\n');
  process.exit(told.problem ? 1 : 0);
}
writeFileSync(${JSON.stringify(`${behaviourFile}.env`)}, JSON.stringify(process.env));
note('start', process.pid, process.env.REVEILLE_REDIS__URL ?? '-', ...process.argv.slice(2));
if (told.refuse !== undefined) process.exit(told.refuse);
const drain = (why) => {
  note('drain', why);
  if (told.drainMs !== -1) setTimeout(() => { note('end'); process.exit(0); }, told.drainMs ?? 0);
};
process.on('SIGTERM', () => drain('SIGTERM')).on('SIGINT', () => note('SIGINT'));
process.on('disconnect', () => drain('disconnect'));
setInterval(() => undefined, 1000);
process.send({ type: 'ready', urls: { http: 'http://127.0.0.1:1/', metrics: 'http://127.0.0.1:2' } }, () => {
  if (told.crash !== undefined) process.exit(told.crash);
});
`;
}
