import { appendFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { eventually, temporaryDirectory, type TemporaryDirectory } from '@reveille/testing';
import { watchFiles, type FileWatch } from './watch-files';

const INTERVAL_MS = 5;

let directory: TemporaryDirectory;
let watch: FileWatch | undefined;
let file: string;
let settled: number;
beforeEach(async () => {
  directory = await temporaryDirectory();
  file = join(directory.path, 'file');
  settled = 0;
});
afterEach(async () => {
  watch?.close();
  await directory.remove();
});

describe('watchFiles', () => {
  it('tells of the files at the beginning, of every change after it, and of nothing else', async () => {
    await writeFile(file, 'one');
    start();
    await eventually(() => settled === 1);
    await writeFile(file, 'two');
    await eventually(() => settled >= 2);
    const before = settled;
    await rm(file);
    await eventually(() => settled > before);
    await writeFile(file, 'two');
    await eventually(() => settled > before + 1);
  });

  it('waits until nobody writes any more', async () => {
    await writeFile(file, '');
    start();
    await eventually(() => settled === 1);
    // The file grows between any two looks: they are made in this process too, some milliseconds apart.
    for (let turn = 0, until = performance.now() + 40 * INTERVAL_MS; turn < 100 || performance.now() < until; turn += 1) {
      appendFileSync(file, 'more');
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(settled).toBe(1);
    await eventually(() => settled === 2);
  });

  it('looks no more once it is closed', async () => {
    await writeFile(file, 'one');
    start();
    await eventually(() => settled === 1);
    watch?.close();
    const other = join(directory.path, 'other');
    await writeFile(file, 'two');
    // Another watch that began later has seen as much by then.
    let seenByOther = 0;
    await writeFile(other, '');
    const second = watchFiles({ files: [other], intervalMs: INTERVAL_MS, onSettled: () => Promise.resolve(void (seenByOther += 1)) });
    await eventually(() => seenByOther === 1);
    second.close();
    expect(settled).toBe(1);
  });
});

function start(): void {
  const onSettled = (): Promise<void> => {
    settled += 1;
    return Promise.resolve();
  };
  watch = watchFiles({ files: [file], intervalMs: INTERVAL_MS, onSettled });
}
