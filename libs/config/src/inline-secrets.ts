import { formatPath } from './config-problem';
import type { PathSegment, PlacedProblem } from './config-problem';
import { isRecord } from './is-record';
import { checkSecretFileMode } from './secret-files';
import { HIDDEN } from './shorten';

/** Where secrets may stand in the configuration itself. `*`: in each of a list. */
const PLACES = [
  ['redis', 'url'],
  ['redis', 'password'],
  ['redis', 'sentinel_password'],
  ['privacy', 'hash_key'],
  ['privacy', 'sealing_keys', '*'],
  ['admin', 'tokens', '*', 'token'],
] as const;
/** A password before the host; a URL without one is no secret. */
const URL_WITH_PASSWORD = /^[a-z]+:\/\/[^/@]*:[^/@]+@/i;

/** A warning at each secret in a configuration file that others may read or change: as about secrets in files of their own. */
export function inlineSecretModes(file: string, value: Readonly<Record<string, unknown>>): readonly PlacedProblem[] {
  const warning = checkSecretFileMode(file);
  if (!warning) return [];
  const message = `is a secret, and this file ${warning.message}`;
  return PLACES.flatMap((place) => secretsAt(value, place)).map((path) => ({
    path,
    problem: { path: formatPath(path), found: HIDDEN, message, example: warning.example },
  }));
}

function secretsAt(value: unknown, [segment, ...rest]: readonly string[], path: readonly PathSegment[] = []): PathSegment[][] {
  if (segment === undefined) return isSecret(value, path) ? [[...path]] : [];
  if (segment !== '*') return isRecord(value) ? secretsAt(value[segment], rest, [...path, segment]) : [];
  return Array.isArray(value) ? value.flatMap((each: unknown, index) => secretsAt(each, rest, [...path, index])) : [];
}

function isSecret(value: unknown, path: readonly PathSegment[]): boolean {
  if (typeof value !== 'string' || value === '') return false;
  return path.at(-1) !== 'url' || URL_WITH_PASSWORD.test(value);
}
