import { dirname } from 'node:path';

import type { z } from 'zod';

import { checkApps } from './check-apps';
import type { AppCheck } from './check-apps';
import { EMPTY_DOCUMENT, parseConfigDocument } from './config-document';
import type { ConfigDocument, ParsedDocument } from './config-document';
import { formatPath } from './config-problem';
import type { ConfigProblem, PathSegment, PlacedProblem } from './config-problem';
import { environmentOverrides, variableName, withOverride } from './environment-overrides';
import type { Override } from './environment-overrides';
import { explainIssue, valueAt } from './explain-issue';
import { findConfigFile, readConfigFile } from './find-config-file';
import type { ConfigLocation } from './find-config-file';
import { isRecord } from './is-record';
import { inlineSecretModes } from './inline-secrets';
import { listenClashes } from './listen-clashes';
import { checkRedisFiles } from './redis-files';
import { settleRedisPlace } from './redis-overrides';
import { overlappingGlobs } from './globs-overlap';
import { privacyWarnings } from './privacy-warnings';
import { secretFileModes } from './secret-file-modes';
import { resolveSecretFiles } from './secret-files';
import { HIDDEN } from './shorten';

export interface LoadOptions<T extends z.ZodType> extends ConfigLocation {
  /** From `configSchema`. */
  readonly schema: T;
  /** From `appCheck`: looks at what the apps' settings name, such as key files. */
  readonly checkApp?: AppCheck | undefined;
  /** Variables that begin with `REVEILLE_` but are no settings, beside those known here. */
  readonly otherVariables?: readonly string[];
}

export interface LoadedConfig<S> {
  readonly ok: true;
  readonly settings: S;
  /** Absolute; absent when everything comes from the environment. */
  readonly file?: string;
  /** Where relative paths in the settings start: the folder of the file, else the working directory. */
  readonly baseDirectory: string;
  /** What should be looked at, but stops nothing. */
  readonly warnings: readonly ConfigProblem[];
}

export interface RefusedConfig {
  readonly ok: false;
  readonly file?: string;
  /** All of them, in the order of the file. */
  readonly problems: readonly ConfigProblem[];
}

/**
 * The settings: the file (`file`, else REVEILLE_CONFIG, else ./reveille.yaml), overridden by the environment, secrets
 * read from their files, everything validated. Never throws; every problem is reported at once.
 */
export function loadConfig<T extends z.ZodType>(options: LoadOptions<T>): LoadedConfig<z.output<T>> | RefusedConfig {
  const file = findConfigFile(options);
  const named = file === undefined ? {} : { file };
  const document = readDocument(file);
  if (!document.ok) {
    const { problems } = environmentOverrides({ ...options, fileValue: {} });
    return { ok: false, ...named, problems: [...document.problems, ...problems] };
  }
  const baseDirectory = file === undefined ? options.cwd : dirname(file);
  const result = validate({ document: document.document, file }, baseDirectory, options);
  return result.problems.length === 0 && result.parsed?.success === true
    ? { ok: true, settings: result.parsed.data, ...named, baseDirectory, warnings: result.warnings }
    : { ok: false, ...named, problems: result.problems };
}

function readDocument(file: string | undefined): ParsedDocument {
  if (file === undefined) return { ok: true, document: EMPTY_DOCUMENT };
  const read = readConfigFile(file);
  return read.ok ? parseConfigDocument(read.text) : { ok: false, problems: [read.problem] };
}

interface Validated<T extends z.ZodType> {
  readonly parsed: z.ZodSafeParseResult<z.output<T>>;
  readonly problems: readonly ConfigProblem[];
  readonly warnings: readonly ConfigProblem[];
}

interface ReadDocument {
  readonly document: ConfigDocument;
  readonly file: string | undefined;
}

function validate<T extends z.ZodType>(
  { document, file }: ReadDocument,
  baseDirectory: string,
  options: LoadOptions<T>,
): Validated<T> {
  const given = withoutEmptyKeys(document.value);
  const { overrides: all, problems: unknownVariables } = environmentOverrides({ ...options, fileValue: given });
  const { fileValue, overrides } = settleRedisPlace(given, all);
  const merged = overrides.reduce((value, { path, value: setting }) => withOverride(value, path, setting), fileValue);
  const secrets = resolveSecretFiles(merged, baseDirectory);
  const parsed = options.schema.safeParse(secrets.value);
  const issues = onePerPlace(
    (parsed.success ? [] : parsed.error.issues).flatMap((issue) =>
      explainIssue(issue, { schema: options.schema, value: secrets.value }),
    ),
  );
  const place = placer(document, overrides);
  const inApps = options.checkApp ? checkApps(secrets.value.apps, options.checkApp, baseDirectory) : [];
  const invalid = issues.map((issue) => aboutFile(issue, secrets.fromFiles));
  const clashes = listenClashes(options.schema, secrets.value);
  const fileModes = secretFileModes(options.schema, secrets.value, baseDirectory);
  const inline = file === undefined ? [] : inlineSecretModes(file, given);
  const tlsFiles = checkRedisFiles(secrets.value, baseDirectory);
  const placed = [...secrets.problems, ...inApps, ...invalid, ...clashes.problems, ...tlsFiles].map(place);
  return {
    parsed,
    problems: [...sortByLine([...document.problems, ...placed]), ...unknownVariables],
    warnings: [...secrets.warnings, ...fileModes, ...inline, ...privacyWarnings(secrets.value), ...overlappingGlobs(secrets.value), ...clashes.warnings].map(place),
  };
}

/** The first complaint about each setting: of a text that is no text, its length says nothing more. */
function onePerPlace(placed: readonly PlacedProblem[]): readonly PlacedProblem[] {
  const seen = new Map(placed.toReversed().map((one) => [one.problem.path, one]));
  return placed.filter((one) => seen.get(one.problem.path) === one);
}

/** A complaint about a secret that stands in a file: where its name is, and without what it holds, whatever that is. */
function aboutFile(placed: PlacedProblem, fromFiles: ReadonlyMap<string, readonly PathSegment[]>): PlacedProblem {
  const { problem } = placed;
  const key = fromFiles.get(problem.path);
  if (!key) return placed;
  const message = `holds a value that ${problem.message}`;
  return { path: key, problem: { path: formatPath(key), found: HIDDEN, message } };
}

/** Says where a setting was written: the variable that gave it, else the line in the file. */
function placer(document: ConfigDocument, overrides: readonly Override[]) {
  return ({ path, problem }: PlacedProblem): ConfigProblem => {
    const override =
      overrides.findLast(({ path: given }) => startsWith(path, given)) ?? appGivenBy(path, document, overrides);
    if (override) return { ...problem, variable: override.variable, ...asVariable(problem, path, override) };
    const line = document.lineOf(path);
    return line === undefined ? problem : { ...problem, line };
  };
}

function startsWith(path: readonly PathSegment[], start: readonly string[]): boolean {
  return start.every((key, index) => String(path[index]) === key);
}

/** Of an app that is not in the file: a variable that speaks of it. */
function appGivenBy(
  path: readonly PathSegment[],
  document: ConfigDocument,
  overrides: readonly Override[],
): Override | undefined {
  const app = path.slice(0, 2).map(String);
  if (app[0] !== 'apps' || app.length < 2 || valueAt(document.value, app) !== undefined) return undefined;
  return overrides.findLast((override) => startsWith(override.path, app));
}

/**
 * The example as the variable would be written: `port: 5000` -> `REVEILLE_HTTP__PORT=5000`; of a key that is missing,
 * as its own variable.
 */
function asVariable(
  { example }: ConfigProblem,
  path: readonly PathSegment[],
  override: Override,
): Pick<ConfigProblem, 'example'> {
  const start = `${String(path[path.length - 1])}: `;
  const isBelow = path.length > override.path.length && startsWith(path, override.path);
  if (isBelow || !example?.startsWith(start)) return {};
  const isItself = path.length === override.path.length && startsWith(path, override.path);
  const variable = isItself ? override.variable : variableName(path.map(String));
  return { example: `${variable}=${example.slice(start.length)}` };
}

function sortByLine(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  return problems.toSorted((a, b) => (a.line ?? Number.MAX_SAFE_INTEGER) - (b.line ?? Number.MAX_SAFE_INTEGER));
}

/**
 * `http:` with nothing below it is null in YAML and means what its absence means. Below `apps` an app without keys
 * stays, as an empty mapping, so that what it lacks is reported.
 */
function withoutEmptyKeys(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, section]) => section !== null)
      .map(([name, section]) => [name, name === 'apps' ? withEmptyApps(section) : withoutNulls(section)]),
  );
}

function withEmptyApps(apps: unknown): unknown {
  if (!isRecord(apps)) return apps;
  return Object.fromEntries(Object.entries(apps).map(([appId, app]) => [appId, app === null ? {} : withoutNulls(app)]));
}

function withoutNulls(section: unknown): unknown {
  if (!isRecord(section)) return section;
  return Object.fromEntries(Object.entries(section).filter(([, value]) => value !== null));
}
