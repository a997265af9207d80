import { mkdir, mkdtemp, readdir, rename, rm, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

import { probeServer } from './probe-server';
import { runCommand } from './run-command';
import type { ProbeResult } from './probe-server';

export type Step = { readonly ok: true } | { readonly ok: false; readonly message: string };

/**
 * Debian ships the server in `redis-tools`: `redis-check-rdb` is the same binary as `redis-server` and decides by the
 * name that it is started under. The libraries are those that a slim Debian does not have.
 */
const PACKAGES = ['redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1'];
/** Package lists are 10 MB from a mirror. */
const APT_TIMEOUT_MS = 180_000;
const UNPACK_TIMEOUT_MS = 30_000;
const APT_OPTIONS = ['-qq', '-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=20', '-o', 'APT::Sandbox::User=root'];

/** The server in `cacheDirectory`, if one was unpacked there and still runs. */
export function locateUnpackedServer(cacheDirectory: string): Promise<ProbeResult> {
  return probeUnpacked(unpackedPath(cacheDirectory));
}

/**
 * Fills `cacheDirectory` with a server from the distribution's packages; nothing is installed, root is not needed.
 * Two processes may do so at once: each unpacks beside the final place, the first rename wins, the other uses it.
 * `fill` is a parameter for tests, which must not depend on a mirror.
 */
export async function unpackServer(cacheDirectory: string, fill = fillFromPackages): Promise<ProbeResult> {
  const destination = unpackedPath(cacheDirectory);
  let workDirectory: string | undefined;
  try {
    await mkdir(dirname(cacheDirectory), { recursive: true });
    workDirectory = await mkdtemp(join(dirname(cacheDirectory), `${basename(cacheDirectory)}-filling-`));
    const filled = await fill(workDirectory);
    if (!filled.ok) return filled;
    await mkdir(cacheDirectory, { recursive: true });
    return await moveIntoPlace(join(workDirectory, 'root'), destination);
  } catch (error) {
    return { ok: false, message: String(error) };
  } finally {
    if (workDirectory !== undefined) await rm(workDirectory, { recursive: true, force: true });
  }
}

function unpackedPath(cacheDirectory: string): string {
  return join(cacheDirectory, 'unpacked');
}

/** Makes a server tree in `workDirectory`/root. */
async function fillFromPackages(workDirectory: string): Promise<Step> {
  const downloaded = await download(workDirectory, PACKAGES);
  if (!downloaded.ok) return downloaded;
  const unpacked = await unpackAll(workDirectory);
  if (!unpacked.ok) return unpacked;
  await symlink('redis-check-rdb', join(workDirectory, 'root/usr/bin/redis-server'));
  const probe = await probeUnpacked(join(workDirectory, 'root'));
  if (probe.ok) return probe;
  // A very slim system lacks more libraries than the usual three (libssl): take what the package itself asks for.
  const rest = await download(workDirectory, await missingDependencies(workDirectory));
  return rest.ok ? unpackAll(workDirectory) : rest;
}

/**
 * `apt-get download` works for any user with the system's package lists. Where there are none, or they name versions
 * that the mirror has dropped, fresh lists go to a private directory.
 */
async function download(workDirectory: string, packages: readonly string[]): Promise<Step> {
  const apt = (args: readonly string[]) => runCommand('apt-get', [...APT_OPTIONS, ...args], { cwd: workDirectory, timeoutMs: APT_TIMEOUT_MS });
  const first = await apt(['download', ...packages]);
  if (first.code === 0) return { ok: true };
  const state = join(workDirectory, 'apt');
  await mkdir(join(state, 'lists/partial'), { recursive: true });
  await mkdir(join(state, 'cache/archives/partial'), { recursive: true });
  const own = ['-o', `Dir::State=${state}`, '-o', `Dir::Cache=${join(state, 'cache')}`];
  const update = await apt([...own, 'update']);
  const second = await apt([...own, 'download', ...packages]);
  if (second.code === 0) return { ok: true };
  return { ok: false, message: lastLine(second.output) || lastLine(update.output) || lastLine(first.output) };
}

async function unpackAll(workDirectory: string): Promise<Step> {
  const archives = (await readdir(workDirectory)).filter((name) => name.endsWith('.deb'));
  for (const archive of archives) {
    const result = await runCommand('dpkg-deb', ['-x', archive, 'root'], { cwd: workDirectory, timeoutMs: UNPACK_TIMEOUT_MS });
    if (result.code !== 0) return { ok: false, message: lastLine(result.output) };
  }
  return { ok: true };
}

async function missingDependencies(workDirectory: string): Promise<string[]> {
  const archive = (await readdir(workDirectory)).find((name) => name.startsWith('redis-tools_'));
  const { output } = await runCommand('dpkg-deb', ['-f', archive ?? 'redis-tools.deb', 'Depends'], {
    cwd: workDirectory,
    timeoutMs: UNPACK_TIMEOUT_MS,
  });
  const names = output.split(',').map((part) => part.trim().split(/[\s(|:]/)[0] ?? '');
  // The C library has to be the system's own: another version of it beside the system's loader crashes.
  return names.filter((name) => name.startsWith('lib') && name !== 'libc6' && !PACKAGES.includes(name));
}

async function moveIntoPlace(unpacked: string, destination: string): Promise<ProbeResult> {
  if (await moved(unpacked, destination)) return probeUnpacked(destination);
  // Another process was first: its server is as good.
  const other = await probeUnpacked(destination);
  if (other.ok) return other;
  // Half a server, or one of another system. Never removed without having been looked at: it could be one that just came.
  await rm(destination, { recursive: true, force: true });
  const isMoved = await moved(unpacked, destination);
  const probe = await probeUnpacked(destination);
  return probe.ok || isMoved ? probe : { ok: false, message: `cannot write ${destination}` };
}

/** False when there is something already, or the place cannot be written. */
function moved(from: string, to: string): Promise<boolean> {
  return rename(from, to).then(() => true, () => false);
}

async function probeUnpacked(root: string): Promise<ProbeResult> {
  const libraries = await libraryDirectories(root);
  if (libraries.length === 0) return { ok: false, message: `nothing unpacked in ${root}` };
  return probeServer(join(root, 'usr/bin/redis-server'), { LD_LIBRARY_PATH: libraries.join(':') });
}

/** `usr/lib/x86_64-linux-gnu` and the like: where Debian puts libraries depends on the machine. */
async function libraryDirectories(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const parent of [join(root, 'usr/lib'), join(root, 'lib')]) {
    const entries = await readdir(parent, { withFileTypes: true }).catch(() => []);
    found.push(...entries.filter((entry) => entry.isDirectory()).map((entry) => join(parent, entry.name)));
  }
  return found;
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
