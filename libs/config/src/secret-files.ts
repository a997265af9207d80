import { readFileSync, statSync } from 'node:fs';

import { isRecord } from './is-record';
import type { PlacedProblem } from './config-problem';
import { formatPath } from './config-problem';
import { errorCode } from './find-config-file';
import { resolvePath } from './resolve-path';

/** Settings that may stand in a file of their own, named by the same key with `_file`. */
const SECRETS_IN_FILES = [
  ['redis', 'url'],
  ['redis', 'password'],
  ['privacy', 'hash_key'],
] as const;
/** Bytes. No URL, password or key is longer. */
const MAX_SECRET_BYTES = 64 * 1024;
/** Read by the group or by others. */
const READABLE_BY_OTHERS = 0o044;

export interface SecretFiles {
  /** The settings with each secret where it would stand if it had been written there. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Which of them were read from a file: `redis.url`. */
  readonly fromFiles: ReadonlySet<string>;
  readonly problems: readonly PlacedProblem[];
  /** Files that others may read. */
  readonly warnings: readonly PlacedProblem[];
}

/**
 * Reads the secrets that the settings keep in files (`redis.url_file`, `redis.password_file`, `privacy.hash_key_file`).
 * White space around a secret is dropped: editors end a file with a new line.
 */
export function resolveSecretFiles(settings: Readonly<Record<string, unknown>>, baseDirectory: string): SecretFiles {
  let value = settings;
  const fromFiles = new Set<string>();
  const problems: PlacedProblem[] = [];
  const warnings: PlacedProblem[] = [];
  for (const [section, key] of SECRETS_IN_FILES) {
    const path = [section, `${key}_file`];
    const problem = (found: string, text: { message: string; example?: string }): PlacedProblem => ({
      path,
      problem: { path: formatPath(path), found, ...text },
    });
    const keys = keysOf(settings[section]);
    const name = keys[`${key}_file`];
    // A name that is no text is the validator's to report.
    if (typeof name !== 'string' || name === '') continue;
    const secret = keys[key] === undefined ? readSecretFile(resolvePath(baseDirectory, name)) : GIVEN_TWICE;
    if (secret.ok) {
      // Beside the name of the file, which stays in the settings.
      value = { ...value, [section]: { ...keysOf(value[section]), [key]: secret.text } };
      fromFiles.add(formatPath([section, key]));
      if (secret.warning) warnings.push(problem(name, secret.warning));
    } else {
      problems.push(problem(name, { message: secret.message.replace('KEY', key) }));
    }
  }
  return { value, fromFiles, problems, warnings };
}

const GIVEN_TWICE = { ok: false, message: 'stands beside `KEY`: keep one of the two' } as const;

function keysOf(keys: unknown): Readonly<Record<string, unknown>> {
  return isRecord(keys) ? keys : {};
}

type SecretText =
  | { readonly ok: true; readonly text: string; readonly warning: FileModeWarning | undefined }
  | { readonly ok: false; readonly message: string };

function readSecretFile(file: string): SecretText {
  try {
    const stat = statSync(file);
    if (!stat.isFile()) return { ok: false, message: 'is not a file' };
    if (stat.size > MAX_SECRET_BYTES) return { ok: false, message: 'is too large for a secret (64 KiB)' };
    const text = readFileSync(file, 'utf8').trim();
    return text === '' ? { ok: false, message: 'is empty' } : { ok: true, text, warning: checkSecretFileMode(file) };
  } catch (error) {
    const code = errorCode(error);
    return { ok: false, message: code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})` };
  }
}

export interface FileModeWarning {
  readonly message: string;
  readonly example: string;
}

/**
 * Whether others than its owner may read a file that holds a secret (also for the key files of the providers).
 * A warning, never an error: orchestrators mount secrets with such modes.
 *
 * @returns undefined when all is well, or when the file cannot be examined (whoever reads it says so).
 */
export function checkSecretFileMode(file: string): FileModeWarning | undefined {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || process.platform === 'win32' || (mode & READABLE_BY_OTHERS) === 0) return undefined;
  return { message: `may be read by others (mode ${(mode & 0o777).toString(8)})`, example: 'chmod 600' };
}
