// Runs the steps of the npm scripts. Node's own modules only: it runs before anything is installed.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The workspace's top folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * Runs a command in the top folder and resolves with its exit code (128 + n after signal n). Its output goes straight to
 * ours; with `quiet` it is shown only if the command fails.
 */
export function run([command, ...args], { quiet = false, environment = process.env } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      env: environment,
      stdio: quiet ? ['ignore', 'pipe', 'pipe'] : 'inherit',
    });
    const output = [];
    child.stdout?.on('data', (chunk) => output.push(chunk));
    child.stderr?.on('data', (chunk) => output.push(chunk));
    // Ctrl-C reaches the child by itself; we stay until it has ended. SIGTERM comes to us alone.
    const forward = () => child.kill('SIGTERM');
    const ignore = () => undefined;
    process.on('SIGTERM', forward).on('SIGINT', ignore);
    child.once('error', (error) => finish(127, `${command}: ${error.message}\n`));
    child.once('close', (code, signal) => finish(code ?? 128 + constants.signals[signal], ''));
    function finish(code, note) {
      process.off('SIGTERM', forward).off('SIGINT', ignore);
      if (code !== 0) process.stderr.write(Buffer.concat([...output, Buffer.from(note)]));
      resolve(code);
    }
  });
}

/** Builds every app into dist/apps; what has not changed comes from the cache in .nx. */
export function buildApps(options) {
  return run(
    [process.execPath, 'node_modules/.bin/nx', 'run-many', '-t', 'build', '--output-style=static'],
    { ...options, environment: { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true' } },
  );
}
