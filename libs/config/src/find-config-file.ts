import { existsSync, readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';

import type { ConfigProblem } from './config-problem';
import type { Environment } from './read-environment';

/** Read when neither `--config` nor `REVEILLE_CONFIG` names another. */
export const DEFAULT_CONFIG_FILE = 'reveille.yaml';
export const CONFIG_FILE_VARIABLE = 'REVEILLE_CONFIG';
/** Bytes. A thousand apps take a tenth of it; more is the wrong file. */
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;

/** What tells where the configuration is. */
export interface ConfigLocation {
  /** From `--config`; wins over REVEILLE_CONFIG and ./reveille.yaml. */
  readonly file?: string | undefined;
  readonly environment: Environment;
  /** Where relative names start. */
  readonly cwd: string;
}

/** The absolute path of the configuration file; undefined when none is named and there is no ./reveille.yaml. */
export function findConfigFile({ file, environment, cwd }: ConfigLocation): string | undefined {
  // An empty REVEILLE_CONFIG is what compose makes of an unset variable.
  const named = file ?? (environment[CONFIG_FILE_VARIABLE] || undefined);
  if (named !== undefined) return resolve(cwd, named);
  const byDefault = resolve(cwd, DEFAULT_CONFIG_FILE);
  return existsSync(byDefault) ? byDefault : undefined;
}

export type FileText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly problem: ConfigProblem };

const ELSEWHERE_EXAMPLE = `--config /etc/reveille/${DEFAULT_CONFIG_FILE}`;

/** The text of the configuration file, or why it cannot be read. */
export function readConfigFile(file: string): FileText {
  try {
    if (statSync(file).isDirectory()) return failure('is a folder, not a file', ELSEWHERE_EXAMPLE);
    const bytes = readFileSync(file);
    if (bytes.length > MAX_CONFIG_BYTES) return failure('is larger than 4 MiB: is it the right file?');
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch (error) {
    return failure(...explainReadError(error));
  }
}

function failure(message: string, example?: string): FileText {
  return { ok: false, problem: { path: '', found: '', message, ...(example !== undefined && { example }) } };
}

function explainReadError(error: unknown): [message: string, example?: string] {
  const code = errorCode(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return ['does not exist', ELSEWHERE_EXAMPLE];
  if (code === 'EACCES' || code === 'EPERM') {
    return ['may not be read by this user', 'chmod u+r, or chown to the user that runs reveille'];
  }
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return ['is not UTF-8 text', 'save it as UTF-8'];
  return [`cannot be read (${code})`];
}

/** The `code` of a Node error: `ENOENT`, `EACCES`, ... */
export function errorCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'unknown error';
}
