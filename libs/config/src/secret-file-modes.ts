import type { z } from 'zod';

import { formatPath } from './config-problem';
import type { PathSegment, PlacedProblem } from './config-problem';
import { valueAt } from './explain-issue';
import { isRecord } from './is-record';
import { resolvePath } from './resolve-path';
import { describeKey, keysOf, schemasAt } from './schema-walk';
import { checkSecretFileMode } from './secret-files';

/**
 * Warnings about files that hold a secret, are read by somebody else (a provider, the connection to Redis) and may be read or
 * changed by others. The schema says which: `.meta({ secretFile: true })` on the setting that names the file.
 */
export function secretFileModes(
  schema: z.ZodType,
  value: Readonly<Record<string, unknown>>,
  baseDirectory: string,
): readonly PlacedProblem[] {
  return namedFiles(schema, value).flatMap((path) => {
    const name = valueAt(value, path);
    if (typeof name !== 'string' || name === '') return [];
    const warning = checkSecretFileMode(resolvePath(baseDirectory, name));
    return warning ? [{ path, problem: { path: formatPath(path), found: name, ...warning } }] : [];
  });
}

/** Where the settings name such files: below a section, or below an app. */
function namedFiles(schema: z.ZodType, value: Readonly<Record<string, unknown>>): PathSegment[][] {
  const apps = isRecord(value.apps) ? Object.keys(value.apps) : [];
  const places = [...Object.keys(value).map((section) => [section]), ...apps.map((app) => ['apps', app])];
  return places.flatMap((place) => {
    const keys = schemasAt(schema, place, value).flatMap((candidate) => [...keysOf(candidate)]);
    const names = keys.filter(([, child]) => describeKey(child).secretFile).map(([name]) => name);
    return [...new Set(names)].map((name) => [...place, name]);
  });
}
