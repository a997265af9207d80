import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Every byte of the files below a data directory of Redis: append-only file, snapshots. */
export async function readDataDirectory(directory: string): Promise<Buffer> {
  const entries = await readdir(directory, { withFileTypes: true, recursive: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Buffer.concat(await Promise.all(files.map((file) => readFile(file))));
}

/** Which of these texts stand in the bytes: as they are, in either case, in hex, or in base64 at any offset. */
export function findTexts(bytes: Buffer, texts: readonly string[]): string[] {
  const haystack = bytes.toString('latin1').toLowerCase();
  return texts.filter((text) => formsOf(text).some((form) => haystack.includes(form.toLowerCase())));
}

function formsOf(text: string): string[] {
  const bytes = Buffer.from(text);
  // The characters of base64 that depend on nothing before or after the text, for each of its three places in a group of three.
  const encoded = [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
    const whole = padded.subarray(0, padded.length - (padded.length % 3));
    return (['base64', 'base64url'] as const).map((encoding) => whole.toString(encoding).slice(offset === 0 ? 0 : 4));
  });
  return [text, bytes.toString('hex'), ...encoded];
}
