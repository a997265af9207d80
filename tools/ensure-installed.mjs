// Installs the dependencies when node_modules does not hold what package-lock.json says; otherwise takes milliseconds.
// Node's own modules only: it runs before anything is installed. Used by every npm script; also a command of its own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { root, run } from './run.mjs';

/** npm writes it at the very end of an installation: what is really there, in the form of a lock file. */
const INSTALLED = join(root, 'node_modules/.package-lock.json');
const WANTED = join(root, 'package-lock.json');

export async function ensureInstalled() {
  if (isInstalled()) return;
  process.stdout.write('installing the dependencies (npm ci) ...\n');
  // npm tells its scripts where it lies itself; without npm around us the one on PATH must do.
  const npm = process.env.npm_execpath?.endsWith('.js') ? [process.execPath, process.env.npm_execpath] : ['npm'];
  // --include=dev: the build tools are needed wherever this runs, NODE_ENV=production or not.
  const code = await run([...npm, 'ci', '--include=dev', '--no-audit', '--no-fund', '--prefer-offline']);
  if (code !== 0) process.exit(code);
}

function isInstalled() {
  if (!existsSync(INSTALLED)) return false;
  const installed = readPackages(INSTALLED);
  return Object.entries(readPackages(WANTED)).every(([path, wanted]) => {
    if (path === '' || wanted.link || !path.startsWith('node_modules/')) return true;
    const found = installed[path];
    // Optional packages are those of other platforms: absent is right, another version is not.
    return found ? found.version === wanted.version : wanted.optional === true || wanted.devOptional === true;
  });
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
  } catch {
    return {};
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureInstalled();
