import { createPrivateKey, KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { formatPath } from './config-problem';
import type { PlacedProblem } from './config-problem';
import { errorCode } from './find-config-file';
import { isRecord } from './is-record';
import { resolvePath } from './resolve-path';

const TLS_FILES = ['ca_file', 'cert_file', 'key_file'] as const;
type TlsFile = (typeof TLS_FILES)[number];

/** Looks at the files that `redis.ca_file`, `cert_file` and `key_file` name: there, readable, of the right kind, a pair. */
export function checkRedisFiles(settings: Readonly<Record<string, unknown>>, baseDirectory: string): readonly PlacedProblem[] {
  const section = isRecord(settings.redis) ? settings.redis : {};
  const files = TLS_FILES.flatMap((key) => {
    const name = section[key];
    // A name that is no text is the validator's to report.
    return typeof name === 'string' && name !== '' ? [{ key, name, content: look(key, resolvePath(baseDirectory, name)) }] : [];
  });
  const wrong = files.flatMap(({ key, name, content }) => ('message' in content ? [placed(key, name, content)] : []));
  return [...wrong, ...pairProblems(files)];
}

interface ReadFile {
  readonly key: TlsFile;
  /** As the settings have it. */
  readonly name: string;
  readonly content: X509Certificate | KeyObject | { readonly message: string };
}

function pairProblems(files: readonly ReadFile[]): readonly PlacedProblem[] {
  const certificate = files.find(({ key }) => key === 'cert_file')?.content;
  const key = files.find((file) => file.key === 'key_file');
  if (!(certificate instanceof X509Certificate) || !(key?.content instanceof KeyObject)) return [];
  if (certificate.checkPrivateKey(key.content)) return [];
  return [placed('key_file', key.name, { message: 'is not the key of `cert_file`' })];
}

/** What the file holds, or what is wrong with it. */
function look(key: TlsFile, path: string): ReadFile['content'] {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    const code = errorCode(error);
    return { message: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})` };
  }
  try {
    return key === 'key_file' ? createPrivateKey(content) : new X509Certificate(content);
  } catch {
    return {
      message: key === 'key_file' ? 'holds no private key in PEM format without a passphrase' : 'holds no certificate in PEM format',
    };
  }
}

function placed(key: TlsFile, found: string, text: { readonly message: string }): PlacedProblem {
  const path = ['redis', key];
  return { path, problem: { path: formatPath(path), found, ...text } };
}
