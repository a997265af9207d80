import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** In the data directory, beside the embedded server's append-only file. */
const ADDRESS_FILE = 'redis-url';

/** Where the commands find the address of the embedded Redis of a data directory. */
export function embeddedAddressFile(dataDirectory: string): string {
  return join(dataDirectory, ADDRESS_FILE);
}

/**
 * Writes down where the embedded Redis listens and with which password, for the commands of the same user: both are new at
 * every start. Owner only, and by rename, so that no command reads half of it.
 * @throws Error when the directory cannot be written.
 */
export function writeEmbeddedAddress(dataDirectory: string, url: string): void {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 });
  const file = embeddedAddressFile(dataDirectory);
  const draft = `${file}.${process.pid}`;
  // A draft that a crash left behind keeps its mode when it is written to again.
  rmSync(draft, { force: true });
  writeFileSync(draft, `${url}\n`, { mode: 0o600, flag: 'wx' });
  renameSync(draft, file);
}

/** Takes the address back. Synchronous: also for the last moment of the process. Never throws. */
export function removeEmbeddedAddress(dataDirectory: string): void {
  try {
    rmSync(embeddedAddressFile(dataDirectory), { force: true });
  } catch {
    // What stays is an address where nobody answers, and the commands say so.
  }
}

export type EmbeddedAddress = { readonly ok: true; readonly url: string } | { readonly ok: false; readonly reason: string };

/** The address that the running server of a data directory has written down. Whether it still runs shows when it is asked. */
export function readEmbeddedAddress(dataDirectory: string): EmbeddedAddress {
  try {
    const url = readFileSync(embeddedAddressFile(dataDirectory), 'utf8').trim();
    return URL.canParse(url) ? { ok: true, url } : { ok: false, reason: 'holds no address' };
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown error';
    return { ok: false, reason: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})` };
  }
}
