import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory, type TemporaryDirectory } from '@reveille/testing';

import { findChromium } from './find-chromium';
import { locateUnpackedBrowser, unpackBrowser } from './unpack-browser';

/** Milliseconds: only the length of a failure. */
const timeoutMs = 20_000;
const EXECUTABLE = 'usr/lib/chromium/chromium-headless-shell';

let directory: TemporaryDirectory;
let cacheDirectory: string;
beforeEach(async () => {
  directory = await temporaryDirectory();
  cacheDirectory = join(directory.path, 'chromium');
});
afterEach(() => directory.remove());

describe('unpackBrowser', () => {
  it('fills the cache once when several ask for it at once, and leaves nothing beside it', async () => {
    let fills = 0;
    const fill = (workDirectory: string) => {
      fills++;
      return makeTree(workDirectory, 'Chromium 156.0.1.2');
    };
    const results = await Promise.all(Array.from({ length: 6 }, () => unpackBrowser({ cacheDirectory, timeoutMs, fill })));
    for (const result of results) expect(result).toMatchObject({ ok: true, version: '156.0.1.2' });
    expect(fills).toBe(1);
    expect(await readdir(directory.path)).toEqual(['chromium']);
    expect(await locateUnpackedBrowser(cacheDirectory)).toMatchObject({
      ok: true,
      command: join(cacheDirectory, 'unpacked', EXECUTABLE),
      environment: {
        LD_LIBRARY_PATH: ['', '/pulseaudio'].map((part) => join(cacheDirectory, `unpacked/usr/lib/some-linux-gnu${part}`)).join(':'),
        FONTCONFIG_FILE: join(cacheDirectory, 'unpacked/fonts.conf'),
      },
    });
  });

  it('uses the one that another process has put there meanwhile, without touching it', async () => {
    const theirs = join(cacheDirectory, 'unpacked');
    const fill = async (workDirectory: string) => {
      await makeTree(cacheDirectory, 'Chromium 150.0.0.0', 'unpacked');
      await writeFile(join(theirs, 'theirs'), '');
      return makeTree(workDirectory, 'Chromium 156.0.1.2');
    };
    expect(await unpackBrowser({ cacheDirectory, timeoutMs, fill })).toMatchObject({ ok: true, version: '150.0.0.0' });
    expect(await readdir(theirs)).toContain('theirs');
  });

  it('replaces one that does not start', async () => {
    await mkdir(join(cacheDirectory, 'unpacked/usr/lib/some-linux-gnu'), { recursive: true });
    expect(await locateUnpackedBrowser(cacheDirectory)).toMatchObject({ ok: false });
    const fill = (workDirectory: string) => makeTree(workDirectory, 'Chromium 156.0.1.2');
    expect(await unpackBrowser({ cacheDirectory, timeoutMs, fill })).toMatchObject({ ok: true, version: '156.0.1.2' });
  });

  it('does not wait for a process that died while it filled, but does for one that runs, in bounded time', async () => {
    const fill = (workDirectory: string) => makeTree(workDirectory, 'Chromium 156.0.1.2');
    await writeFile(`${cacheDirectory}.lock`, `${process.pid}\n`);
    expect(await unpackBrowser({ cacheDirectory, timeoutMs: 300, fill })).toMatchObject({
      ok: false,
      message: expect.stringContaining(`remove ${cacheDirectory}.lock`) as string,
    });
    expect(await readFile(`${cacheDirectory}.lock`, 'utf8')).toBe(`${process.pid}\n`);

    const dead = spawn('true');
    await once(dead, 'exit');
    await writeFile(`${cacheDirectory}.lock`, `${dead.pid}\n`);
    expect(await unpackBrowser({ cacheDirectory, timeoutMs, fill })).toMatchObject({ ok: true });
  });

  it('says why it failed, and cleans up', async () => {
    const fill = () => Promise.resolve({ ok: false as const, message: 'E: Unable to locate package' });
    expect(await unpackBrowser({ cacheDirectory, timeoutMs, fill })).toEqual({ ok: false, message: 'E: Unable to locate package' });
    expect(await readdir(directory.path)).toEqual([]);
  });
});

describe('findChromium', () => {
  const refuse = () => Promise.resolve({ ok: false as const, message: 'no mirror' });

  it('takes the named one or none', async () => {
    await makeTree(directory.path, 'Google Chrome 140.0.0.1 beta', 'named');
    const command = join(directory.path, 'named', EXECUTABLE);
    expect(await findChromium({ named: command, cacheDirectory, timeoutMs, fill: refuse })).toMatchObject({ ok: true, command, version: '140.0.0.1' });
    expect(await findChromium({ named: '/nowhere/chromium', cacheDirectory, timeoutMs, fill: refuse })).toMatchObject({ ok: false });
  });

  it('takes one on PATH, by its whole path, but none that is too old for the page; says what to do when there is none', async () => {
    await makeTree(directory.path, 'Chromium 99.0.4844.51', 'old');
    await makeTree(directory.path, 'Chromium 156.0.1.2', 'new');
    const [older, newer] = ['old', 'new'].map((name) => join(directory.path, name, EXECUTABLE, '..'));
    const names = ['nowhere', 'chromium-headless-shell'];
    await withPath(`/nowhere:${newer}`, async () => {
      const command = `${newer}/chromium-headless-shell`;
      expect(await findChromium({ named: undefined, names, cacheDirectory, timeoutMs, fill: refuse })).toMatchObject({ ok: true, command });
    });
    await withPath(`/nowhere:${older}`, async () => {
      expect(await findChromium({ named: undefined, names, cacheDirectory, timeoutMs, fill: refuse })).toEqual({
        ok: false,
        message: expect.stringMatching(/apt-get install chromium.*CHROMIUM_PATH.*no mirror/) as string,
      });
    });
  });
});

/** The shell of the fake browser is asked for by its whole path. */
async function withPath(path: string, run: () => Promise<void>): Promise<void> {
  const before = process.env.PATH;
  process.env.PATH = path;
  try {
    await run();
  } finally {
    process.env.PATH = before;
  }
}

/** A tree like that of the packages, around a program that knows its version only. */
async function makeTree(parent: string, version: string, name = 'root'): Promise<{ readonly ok: true }> {
  const program = join(parent, name, EXECUTABLE);
  await mkdir(join(program, '..'), { recursive: true });
  await mkdir(join(parent, name, 'usr/lib/some-linux-gnu'), { recursive: true });
  await writeFile(program, `#!/bin/sh\necho "${version}"\n`);
  await chmod(program, 0o755);
  return { ok: true };
}
