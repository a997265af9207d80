import { errorCode } from '@reveille/observability';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** The files of an app's credential as they were at one moment. */
export interface CredentialFiles {
  /** As in the settings. */
  readonly paths: readonly string[];
  /** Differs when any content differs. */
  readonly fingerprint: string;
  /** The text of one of them; throws as `readFileSync` did when it could not be read. */
  read(path: string): string;
}

type Content = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly code: string };

/** Notes what a loader reads, so that exactly that is watched afterwards, and what it held is known. */
export function recordFiles(readText: (path: string) => string): {
  readonly read: (path: string) => string;
  /** As far as they were read. */
  readonly files: () => CredentialFiles;
} {
  const contents = new Map<string, Content>();
  return {
    read: (path) => {
      const text = readText(path);
      contents.set(path, { ok: true, text });
      return text;
    },
    files: () => credentialFiles(contents),
  };
}

/** Reads the files anew. Never rejects: what cannot be read throws when it is asked for. */
export async function readCredentialFiles(
  paths: readonly string[],
  resolvePath: (path: string) => string,
): Promise<CredentialFiles> {
  const contents = await Promise.all(
    paths.map(async (path): Promise<[string, Content]> => {
      try {
        return [path, { ok: true, text: await readFile(resolvePath(path), 'utf8') }];
      } catch (error) {
        return [path, { ok: false, code: errorCode(error) ?? 'unknown error' }];
      }
    }),
  );
  return credentialFiles(new Map(contents));
}

function credentialFiles(contents: ReadonlyMap<string, Content>): CredentialFiles {
  return {
    paths: [...contents.keys()],
    fingerprint: fingerprintOf(contents),
    read: (path) => {
      const content = contents.get(path);
      if (content?.ok) return content.text;
      throw Object.assign(new Error('cannot be read'), { code: content?.code ?? 'was not read' });
    },
  };
}

/** A hash, so that no second copy of a key lies in memory for its sake. */
function fingerprintOf(contents: ReadonlyMap<string, Content>): string {
  const parts = [...contents].map(([path, content]) => [path, content.ok ? content.text : null]);
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
