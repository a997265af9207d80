import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { runCommand, type CommandResult } from '@reveille/embedded-redis';

export type Step = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Chromium without its windows: what headless tests need, and half of the size; and letters as people see them. */
const PACKAGES = ['chromium-headless-shell', 'fonts-liberation'];
/**
 * apt works out what the browser needs as if only these were installed. The C and C++ libraries have to be the system's own
 * (others beside the system's loader crash), and every Debian has them. The tools are asked for by scripts that we do not run.
 */
const TAKEN_FOR_INSTALLED = ['libc6', 'libgcc-s1', 'libstdc++6', 'x11-utils', 'xdg-utils'];
/** Higher than any that is asked for. */
const ANY_VERSION = '999:0';

const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
  <alias><family>monospace</family><prefer><family>Liberation Mono</family></prefer></alias>
  <match target="pattern"><edit name="family" mode="append_last"><string>Liberation Sans</string></edit></match>
</fontconfig>
`;

/**
 * Makes a tree with the browser, its libraries and its fonts in `workDirectory`/root, from the packages of this Debian; apt checks
 * their signatures. Works for any user.
 * @param deadline milliseconds since 1970
 */
export async function fillFromPackages(workDirectory: string, deadline: number): Promise<Step> {
  const downloaded = await download(workDirectory, deadline);
  if (!downloaded.ok) return downloaded;
  const root = join(workDirectory, 'root');
  const archives = join(workDirectory, 'cache/archives');
  for (const archive of (await readdir(archives)).filter((name) => name.endsWith('.deb'))) {
    const result = await runCommand('dpkg-deb', ['-x', join(archives, archive), root], { timeoutMs: left(deadline) });
    if (result.code !== 0) return failure('dpkg-deb', result);
  }
  await writeFile(join(root, 'fonts.conf'), FONTS);
  return { ok: true };
}

/** With the system's package lists; where there are none, or they name what the mirror has dropped, with fresh ones of our own. */
async function download(workDirectory: string, deadline: number): Promise<Step> {
  const state = join(workDirectory, 'state');
  const cache = join(workDirectory, 'cache');
  await mkdir(join(state, 'lists/partial'), { recursive: true });
  await mkdir(join(cache, 'archives/partial'), { recursive: true });
  await writeFile(join(state, 'status'), TAKEN_FOR_INSTALLED.map(statusOf).join('\n'));
  const common = ['-qq', '-y', ...options({
    'Debug::NoLocking': '1',
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': cache,
    'APT::Sandbox::User': 'root',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '20',
  })];
  const own = options({ 'Dir::State': state });
  const apt = (args: readonly string[]) => runCommand('apt-get', [...common, ...args], { cwd: workDirectory, timeoutMs: left(deadline) });
  const install = ['--no-install-recommends', '--download-only', 'install', ...PACKAGES];

  const first = await apt(install);
  if (first.code === 0) return { ok: true };
  const update = await apt([...own, 'update']);
  if (update.code !== 0) return failure('apt-get update', update);
  const second = await apt([...own, ...install]);
  return second.code === 0 ? { ok: true } : failure(`apt-get install ${PACKAGES.join(' ')}`, second);
}

function options(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
}

/** An entry of dpkg's own list. */
function statusOf(name: string): string {
  return `Package: ${name}\nStatus: install ok installed\nMaintainer: none\nArchitecture: all\nMulti-Arch: foreign\nVersion: ${ANY_VERSION}\nDescription: none\n`;
}

function left(deadline: number): number {
  return Math.max(deadline - Date.now(), 1);
}

function failure(what: string, { code, output }: CommandResult): Step {
  return { ok: false, message: `${what}: ${output.split('\n').at(-1) || (code === null ? 'not in time' : `exit code ${code}`)}` };
}
