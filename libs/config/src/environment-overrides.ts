import { parseDocument } from 'yaml';
import type { z } from 'zod';

import { isRecord } from './is-record';
import type { ConfigProblem, PathSegment } from './config-problem';
import { CONFIG_FILE_VARIABLE } from './find-config-file';
import type { Environment } from './read-environment';
import { keysOf, schemasAt } from './schema-walk';
import { SERVE_PASSWORD_VARIABLE } from './admin-login';
import { suggest } from './suggest';

const PREFIX = 'REVEILLE_';
const APPS_PREFIX = 'REVEILLE_APPS__';
const APP_VARIABLE_EXAMPLE = 'REVEILLE_APPS__com.example.ios__TOPIC=com.example.app';
/** What hosting platforms set when they attach a Redis. */
export const REDIS_URL_VARIABLE = 'REDIS_URL';
/** Ours, but no settings. */
const OTHER_VARIABLES = [CONFIG_FILE_VARIABLE, SERVE_PASSWORD_VARIABLE];
const OTHER_PREFIXES = ['REVEILLE_TEST_', 'REVEILLE_BENCH_'];
/**
 * Kubernetes sets such variables in every pod for a service named `reveille` or `reveille-...` ("service links").
 * They are nobody's typing mistake, and some (`REVEILLE_HTTP_PORT=tcp://10.0.0.1:5000`) look like settings.
 */
const SERVICE_LINK = /^REVEILLE_(?:.*_)?(?:SERVICE_(?:HOST|PORT)(?:_.*)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_[A-Z]+)?)$/;
const SERVICE_LINK_VALUE = /^(?:tcp|udp|sctp):\/\//;

/** A setting that an environment variable gives. */
export interface Override {
  readonly variable: string;
  readonly path: readonly string[];
  readonly value: unknown;
}

export interface Overrides {
  readonly overrides: readonly Override[];
  readonly problems: readonly ConfigProblem[];
}

export interface OverrideOptions {
  readonly schema: z.ZodType;
  readonly environment: Environment;
  /** What the file says; tells app ids apart from keys. */
  readonly fileValue: Readonly<Record<string, unknown>>;
  /** Variables with our prefix that belong to somebody else. */
  readonly otherVariables?: readonly string[];
}

/**
 * The settings in the environment: `REVEILLE_` and the path, upper case, `__` (for the fixed sections also `_`) between
 * the levels; for apps `REVEILLE_APPS__<app id verbatim>__KEY`. Empty variables count as unset. A later one wins.
 */
export function environmentOverrides(options: OverrideOptions): Overrides {
  const sections = sectionPaths(options.schema);
  const problems: ConfigProblem[] = [];
  const overrides: Override[] = [];
  const redisUrl = options.environment[REDIS_URL_VARIABLE];
  if (redisUrl) overrides.push({ variable: REDIS_URL_VARIABLE, path: ['redis', 'url'], value: redisUrl });
  for (const [variable, raw] of Object.entries(options.environment)) {
    if (!raw || !isOurs(variable, raw, options.otherVariables ?? [])) continue;
    const path = variable.startsWith(APPS_PREFIX)
      ? appPath(variable.slice(APPS_PREFIX.length), options.fileValue)
      : sections.get(normalName(variable));
    if (path) overrides.push({ variable, path, value: readValue(raw, path, options) });
    else problems.push(unknownVariable(variable, [...sections.values()].map(variableName)));
  }
  return { overrides, problems };
}

function isOurs(variable: string, value: string, others: readonly string[]): boolean {
  if (!variable.startsWith(PREFIX) || OTHER_VARIABLES.includes(variable) || others.includes(variable)) return false;
  if (OTHER_PREFIXES.some((prefix) => variable.startsWith(prefix))) return false;
  return !SERVICE_LINK.test(variable) && !SERVICE_LINK_VALUE.test(value);
}

/** `['http', 'port']` -> `REVEILLE_HTTP__PORT`; an app id stays as it is. */
export function variableName(path: readonly string[]): string {
  const isApp = path[0] === 'apps';
  return PREFIX + path.map((key, index) => (isApp && index === 1 ? key : key.toUpperCase())).join('__');
}

/** The same for one and for two underscores. No two settings share a name in this form (a test watches it). */
function normalName(variable: string): string {
  return variable.toUpperCase().replaceAll('__', '_');
}

/** Every setting of the fixed sections by the name of its variable. */
function sectionPaths(schema: z.ZodType): ReadonlyMap<string, readonly string[]> {
  const paths = [...keysOf(schema)]
    .filter(([name]) => name !== 'apps')
    .flatMap(([name, section]) => leafPaths(section, [name]));
  return new Map(paths.map((path) => [normalName(variableName(path)), path]));
}

/** The paths of everything below a schema that is no mapping itself. */
export function leafPaths(schema: z.ZodType, path: readonly string[]): readonly (readonly string[])[] {
  const keys = [...keysOf(schema)];
  return keys.length === 0 ? [path] : keys.flatMap(([key, child]) => leafPaths(child, [...path, key]));
}

/** `com.example.ios__MAX_AGE__EVENT` -> `['apps', 'com.example.ios', 'max_age', 'event']` */
function appPath(rest: string, fileValue: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const appId = knownAppId(rest, fileValue.apps) ?? rest.split('__')[0] ?? '';
  const keys = rest.slice(appId.length + 2).split('__');
  if (appId === '' || keys.includes('')) return undefined;
  return ['apps', appId, ...keys.map((key) => key.toLowerCase())];
}

/** The longest app id of the file that the text starts with: an app id may itself hold two underscores. */
function knownAppId(rest: string, apps: unknown): string | undefined {
  const fitting = isRecord(apps) ? Object.keys(apps).filter((appId) => rest.startsWith(`${appId}__`)) : [];
  return fitting.sort((a, b) => b.length - a.length)[0];
}

/** The text itself where the setting takes a text (a password of digits stays one), else what YAML makes of it. */
function readValue(raw: string, path: readonly PathSegment[], { schema, fileValue }: OverrideOptions): unknown {
  const takesText = schemasAt(schema, path, fileValue).some((candidate) => candidate.safeParse(raw).success);
  return takesText ? raw : readScalar(raw);
}

/** A number, a boolean, or a list in brackets; everything else is text. */
function readScalar(raw: string): unknown {
  if (!/^(?:true|false|-?\d+(?:\.\d+)?|\[[^]*\])$/i.test(raw.trim())) return raw;
  const document = parseDocument(raw.trim(), { prettyErrors: false });
  if (document.errors.length > 0) return raw;
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return raw;
  }
}

function unknownVariable(variable: string, known: readonly string[]): ConfigProblem {
  const problem = { path: '', variable, found: '', message: 'is no setting' };
  if (/^REVEILLE_APPS?(?:_|$)/.test(variable)) {
    return { ...problem, message: 'names no key of an app', example: APP_VARIABLE_EXAMPLE };
  }
  const suggestion = suggest(variable, [...known, ...OTHER_VARIABLES]);
  return { ...problem, ...(suggestion === undefined ? { example: 'REVEILLE_HTTP__PORT=5000' } : { suggestion }) };
}

/** A copy of `value` with one setting replaced. Parts that YAML aliases share are copied: only this path changes. */
export function withOverride(
  value: Readonly<Record<string, unknown>>,
  path: readonly string[],
  setting: unknown,
): Readonly<Record<string, unknown>> {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const below = Object.hasOwn(value, key) ? value[key] : undefined;
  const isLeaf = rest.length === 0;
  const others = Object.entries(value).filter(([name]) => name !== key && !(isLeaf && isOtherForm(name, key)));
  const replaced = isLeaf ? setting : withOverride(isRecord(below) ? below : {}, rest, setting);
  return Object.fromEntries([...others, [key, replaced]]);
}

/** `url` in the environment replaces `url_file` in the file (`sealing_keys`: `sealing_key_files`), and the other way round. */
function isOtherForm(name: string, key: string): boolean {
  const fileNames = (secret: string): string[] => [`${secret}_file`, `${secret.replace(/s$/, '')}_files`];
  return fileNames(key).includes(name) || fileNames(name).includes(key);
}
