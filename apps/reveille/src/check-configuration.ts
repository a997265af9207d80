import { spawn } from 'node:child_process';

import type { Environment } from '@reveille/config';

import type { RoleName } from './workspace-paths';

export interface CheckOptions {
  readonly configFile?: string;
  readonly environment: Environment;
  readonly roleScript: (role: RoleName) => string;
}

/** `exitCode`: 0 right, 1 wrong configuration, 2 wrong use. `output`: what there is to say about it. */
export interface CheckVerdict {
  readonly exitCode: number;
  readonly output: string;
}

/**
 * Has the configuration checked by the dispatcher, since it alone knows the settings of every provider; its key files and
 * certificates too. Starts nothing and calls nobody.
 */
export function checkConfiguration({ configFile, environment, roleScript }: CheckOptions): Promise<CheckVerdict> {
  const args = ['--check-config', ...(configFile === undefined ? [] : ['--config', configFile])];
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [roleScript('dispatcher'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...environment },
    });
    let output = '';
    const collect = (chunk: string): void => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.once('error', (error) => {
      resolve({ exitCode: 1, output: `the check could not be started: ${error.message}\n` });
    });
    child.once('close', (code) => {
      resolve({ exitCode: code ?? 1, output });
    });
  });
}
