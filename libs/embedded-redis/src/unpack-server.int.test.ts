import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { locateUnpackedServer, unpackServer } from './unpack-server';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'reveille-unpack-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('unpackServer', () => {
  it('is safe when several processes fill the cache at once, and leaves nothing beside it', async () => {
    const cache = join(directory, 'redis');
    const results = await Promise.all(Array.from({ length: 6 }, () => unpackServer(cache, fakeTree('7.0.15'))));
    for (const result of results) expect(result).toMatchObject({ ok: true, version: '7.0.15' });
    expect(await readdir(directory)).toEqual(['redis']);
    expect(await locateUnpackedServer(cache)).toMatchObject({ ok: true, command: join(cache, 'unpacked/usr/bin/redis-server') });
  });

  it('replaces a server that does not run', async () => {
    const cache = join(directory, 'redis');
    await mkdir(join(cache, 'unpacked/usr/lib/some-machine'), { recursive: true });
    expect(await locateUnpackedServer(cache)).toMatchObject({ ok: false });
    expect(await unpackServer(cache, fakeTree('7.2.0'))).toMatchObject({ ok: true, version: '7.2.0' });
  });

  it('does not take a server that is too old for the queue', async () => {
    const result = await unpackServer(join(directory, 'redis'), fakeTree('5.0.14'));
    expect(result).toMatchObject({ ok: false, message: expect.stringContaining('older than 6.2') as string });
  });

  it('says why it failed, and cleans up', async () => {
    const failing = () => Promise.resolve({ ok: false as const, message: 'E: Unable to locate package redis-tools' });
    expect(await unpackServer(join(directory, 'redis'), failing)).toEqual({
      ok: false,
      message: 'E: Unable to locate package redis-tools',
    });
    expect(await readdir(directory)).toEqual([]);
  });
});

/** A tree like that of the packages, around a program that knows its version only. */
function fakeTree(version: string) {
  return async (workDirectory: string): Promise<{ readonly ok: true }> => {
    const program = join(workDirectory, 'root/usr/bin/redis-server');
    await mkdir(join(workDirectory, 'root/usr/bin'), { recursive: true });
    await mkdir(join(workDirectory, 'root/usr/lib/some-machine'), { recursive: true });
    await writeFile(program, `#!/bin/sh\necho "Redis server v=${version} sha=0"\n`);
    await chmod(program, 0o755);
    return { ok: true };
  };
}
