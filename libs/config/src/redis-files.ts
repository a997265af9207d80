import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { formatPath } from './config-problem';
import type { PlacedProblem } from './config-problem';
import { errorCode } from './find-config-file';
import { isRecord } from './is-record';
import { resolvePath } from './resolve-path';
import { checkSecretFileMode } from './secret-files';

const TLS_FILES = ['ca_file', 'cert_file', 'key_file'] as const;
type TlsFile = (typeof TLS_FILES)[number];

export interface RedisFiles {
  readonly problems: readonly PlacedProblem[];
  readonly warnings: readonly PlacedProblem[];
}

/** Looks at the files that `redis.ca_file`, `cert_file` and `key_file` name: there, readable, of the right kind, a pair. */
export function checkRedisFiles(settings: Readonly<Record<string, unknown>>, baseDirectory: string): RedisFiles {
  const section = isRecord(settings.redis) ? settings.redis : {};
  const problems: PlacedProblem[] = [];
  const warnings: PlacedProblem[] = [];
  const read = new Map<TlsFile, X509Certificate | 'key'>();
  for (const key of TLS_FILES) {
    const name = section[key];
    // A name that is no text is the validator's to report.
    if (typeof name !== 'string' || name === '') continue;
    const file = resolvePath(baseDirectory, name);
    const found = look(key, file);
    if (typeof found === 'string' && found !== 'key') problems.push(placed(key, name, { message: found }));
    else read.set(key, found);
    const warning = key === 'key_file' ? checkSecretFileMode(file) : undefined;
    if (warning) warnings.push(placed(key, name, warning));
  }
  const certificate = read.get('cert_file');
  if (certificate instanceof X509Certificate && read.has('key_file') && typeof section.key_file === 'string') {
    const key = createPrivateKey(readFileSync(resolvePath(baseDirectory, section.key_file)));
    if (!certificate.checkPrivateKey(key)) {
      problems.push(placed('key_file', section.key_file, { message: 'is not the key of `cert_file`' }));
    }
  }
  return { problems, warnings };
}

/** What the file is, or what is wrong with it. */
function look(key: TlsFile, file: string): X509Certificate | string {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch (error) {
    const code = errorCode(error);
    return code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`;
  }
  try {
    if (key !== 'key_file') return new X509Certificate(content);
    createPrivateKey(content);
    return 'key';
  } catch {
    return key === 'key_file' ? 'holds no private key in PEM format without a passphrase' : 'holds no certificate in PEM format';
  }
}

function placed(key: TlsFile, found: string, text: { readonly message: string; readonly example?: string }): PlacedProblem {
  const path = ['redis', key];
  return { path, problem: { path: formatPath(path), found, ...text } };
}
