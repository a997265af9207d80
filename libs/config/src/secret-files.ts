import { readFileSync, statSync } from 'node:fs';

import { isRecord } from './is-record';
import type { PathSegment, PlacedProblem } from './config-problem';
import { formatPath } from './config-problem';
import { errorCode } from './find-config-file';
import { resolvePath } from './resolve-path';
import { splitCommas } from './scalars';

/** Settings that may stand in a file of their own, named by the same key with `_file`. */
const SECRETS_IN_FILES = [
  ['redis', 'url'],
  ['redis', 'password'],
  ['redis', 'sentinel_password'],
  ['privacy', 'hash_key'],
] as const;
/** Bytes. No URL, password or key is longer. */
const MAX_SECRET_BYTES = 64 * 1024;
/** Read, and written, by the group or by others. */
const READABLE_BY_OTHERS = 0o044;
const WRITABLE_BY_OTHERS = 0o022;

/** Settings whose values, a list, may stand in a file each, named by a list in the same order. */
const SECRET_LISTS_IN_FILES = [['privacy', 'sealing_keys', 'sealing_key_files']] as const;

/** Secrets in a list of mappings, each of which may name a file of its own. */
const LISTED_SECRETS_IN_FILES = [['admin', 'tokens', 'token']] as const;

export interface SecretFiles {
  /** The settings with each secret where it would stand if it had been written there. */
  readonly value: Readonly<Record<string, unknown>>;
  /** Those that were read from a file (`redis.url`), and where the name of the file stands. */
  readonly fromFiles: ReadonlyMap<string, readonly PathSegment[]>;
  readonly problems: readonly PlacedProblem[];
  /** Files that others may read or change. */
  readonly warnings: readonly PlacedProblem[];
}

/**
 * Reads the secrets that the settings keep in files (`redis.url_file`, `redis.password_file`, `privacy.hash_key_file` ...).
 * White space around a secret is dropped: editors end a file with a new line.
 */
export function resolveSecretFiles(settings: Readonly<Record<string, unknown>>, baseDirectory: string): SecretFiles {
  const found: FoundSecrets = { value: settings, fromFiles: new Map(), problems: [], warnings: [] };
  for (const [section, key] of SECRETS_IN_FILES) {
    const keys = keysOf(settings[section]);
    const name = keys[`${key}_file`];
    // A name that is no text is the validator's to report.
    if (typeof name !== 'string' || name === '') continue;
    const path = [section, `${key}_file`];
    const secret = keys[key] === undefined ? readSecretFile(resolvePath(baseDirectory, name)) : givenTwice(key);
    const text = take(found, secret, { path, name, of: [section, key] });
    // Beside the name of the file, which stays in the settings.
    if (text !== undefined) found.value = { ...found.value, [section]: { ...keysOf(found.value[section]), [key]: text } };
  }
  for (const place of SECRET_LISTS_IN_FILES) takeList(found, place, baseDirectory);
  for (const place of LISTED_SECRETS_IN_FILES) takeListed(found, place, baseDirectory);
  return found;
}

function takeList(found: FoundSecrets, [section, key, filesKey]: (typeof SECRET_LISTS_IN_FILES)[number], baseDirectory: string): void {
  const keys = keysOf(found.value[section]);
  const names = splitCommas(keys[filesKey]);
  if (!Array.isArray(names)) return;
  const texts = names.map((name: unknown, index) => {
    if (typeof name !== 'string' || name === '') return undefined;
    const secret = keys[key] === undefined ? readSecretFile(resolvePath(baseDirectory, name)) : givenTwice(key);
    return take(found, secret, { path: [section, filesKey, index], name, of: [section, key, index] });
  });
  if (texts.includes(undefined)) return;
  found.value = { ...found.value, [section]: { ...keys, [key]: texts } };
}

function takeListed(found: FoundSecrets, [section, key, secretKey]: (typeof LISTED_SECRETS_IN_FILES)[number], baseDirectory: string): void {
  const entries = keysOf(found.value[section])[key];
  if (!Array.isArray(entries)) return;
  const read = entries.map((entry: unknown, index) => {
    const keys = keysOf(entry);
    const name = keys[`${secretKey}_file`];
    if (typeof name !== 'string' || name === '') return entry;
    const secret = keys[secretKey] === undefined ? readSecretFile(resolvePath(baseDirectory, name)) : givenTwice(secretKey);
    const place = [section, key, index];
    const text = take(found, secret, { path: [...place, `${secretKey}_file`], name, of: [...place, secretKey] });
    return text === undefined ? entry : { ...keys, [secretKey]: text };
  });
  found.value = { ...found.value, [section]: { ...keysOf(found.value[section]), [key]: read } };
}

interface FoundSecrets {
  value: Readonly<Record<string, unknown>>;
  readonly fromFiles: Map<string, readonly PathSegment[]>;
  readonly problems: PlacedProblem[];
  readonly warnings: PlacedProblem[];
}

interface SecretPlace {
  /** Of the file's name. */
  readonly path: readonly PathSegment[];
  readonly name: string;
  /** Of the secret itself. */
  readonly of: readonly PathSegment[];
}

/** Notes what was found; the secret's text, if there is one. */
function take(found: FoundSecrets, secret: SecretText, { path, name, of }: SecretPlace): string | undefined {
  const placed = (text: { message: string; example?: string }): PlacedProblem => ({
    path,
    problem: { path: formatPath(path), found: name, ...text },
  });
  if (!secret.ok) {
    found.problems.push(placed({ message: secret.message }));
    return undefined;
  }
  found.fromFiles.set(formatPath(of), path);
  if (secret.warning) found.warnings.push(placed(secret.warning));
  return secret.text;
}

function givenTwice(key: string): SecretText {
  return { ok: false, message: `stands beside \`${key}\`: keep one of the two` };
}

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
 * Whether others than its owner may read or change a file that holds a secret.
 * A warning, never an error: orchestrators mount secrets with such modes.
 *
 * @returns undefined when all is well, or when the file cannot be examined (whoever reads it says so).
 */
export function checkSecretFileMode(file: string): FileModeWarning | undefined {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (mode === undefined || process.platform === 'win32') return undefined;
  const verb = (mode & WRITABLE_BY_OTHERS) !== 0 ? 'changed' : (mode & READABLE_BY_OTHERS) !== 0 ? 'read' : undefined;
  if (verb === undefined) return undefined;
  return { message: `may be ${verb} by others (mode ${(mode & 0o777).toString(8)})`, example: 'chmod 600' };
}
