import type { CommonSettings, Environment } from '@reveille/config';
import type { z } from 'zod';
import { runRole, type RoleDefinition } from './run-role';

/** A role as this process: what its `main.ts` calls, and nothing else. */
export function runMain<T extends z.ZodType<CommonSettings>>(definition: RoleDefinition<T>, environment: Environment): void {
  void runRole(definition, {
    args: process.argv.slice(2),
    environment,
    cwd: process.cwd(),
    write: (text) => process.stdout.write(text),
    writeError: (text) => process.stderr.write(text),
  }).then((exitCode) => {
    if (exitCode === undefined) return;
    process.exitCode = exitCode;
    // An open IPC channel would keep the process alive.
    if (process.connected) process.disconnect();
  });
}
