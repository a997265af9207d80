import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Document } from 'yaml';

import type { ConfigProblem, PathSegment } from './config-problem';
import { explainSyntaxError } from './explain-syntax-error';
import { isRecord } from './is-record';

/** Alias expansion of a bomb is stopped here; a real file needs a few for apps that are alike. */
const MAX_ALIASES = 200;
/** Levels. The deepest key of ours is at 4, a provider's options may go somewhat deeper. */
const MAX_NESTING = 50;

/** A parsed configuration file. */
export interface ConfigDocument {
  readonly value: Readonly<Record<string, unknown>>;
  /** What is wrong but leaves the rest readable (duplicate keys). */
  readonly problems: readonly ConfigProblem[];
  /** Line of the key at this path, or of the nearest one above it that exists. */
  readonly lineOf: (path: readonly PathSegment[]) => number | undefined;
}

export type ParsedDocument =
  | { readonly ok: true; readonly document: ConfigDocument }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const MAPPING_EXAMPLE = `http:
  port: 5000
apps:
  com.example.ios:
    type: apns`;

/** What an absent file reads as. */
export const EMPTY_DOCUMENT: ConfigDocument = { value: {}, problems: [], lineOf: () => undefined };

/** Parses YAML. Never throws; messages never quote the file, which may hold secrets. */
export function parseConfigDocument(source: string): ParsedDocument {
  try {
    return parse(source);
  } catch {
    // The composer recurses: a file of nothing but brackets exhausts its stack.
    return { ok: false, problems: [{ path: '', found: '', message: 'is nested too deeply to be read' }] };
  }
}

function parse(source: string): ParsedDocument {
  const lines = new LineCounter();
  const document = parseDocument(source, {
    lineCounter: lines,
    merge: true, // sygnal's parser does, and `<<` is how people share settings between apps
    prettyErrors: false, // they quote the line
    stringKeys: true,
  });
  // A bracket that is never closed is missed only at the end of the file; what comes after its last word shows nothing.
  const end = Math.max(0, source.trimEnd().length - 1);
  const problems = withoutRepeats(
    document.errors.map((error) => explainSyntaxError(error, source, positionOf(lines, Math.min(error.pos[0], end)))),
  );
  if (document.errors.some(({ code }) => code !== 'DUPLICATE_KEY')) return { ok: false, problems };
  return toPlainValue(document, lines, problems);
}

function positionOf(lines: LineCounter, offset: number): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

/** Two brackets left open in one place are one thing to mend. */
function withoutRepeats(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const seen = new Map(problems.map((problem) => [[problem.line, problem.column, problem.message].join(), problem]));
  return [...seen.values()];
}

function toPlainValue(
  document: Document.Parsed,
  lines: LineCounter,
  problems: readonly ConfigProblem[],
): ParsedDocument {
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return { ok: false, problems: [...problems, { path: '', found: '', ...explainExpansionError(error) }] };
  }
  if (value === null) return notAMapping('is empty');
  if (!isRecord(value)) return notAMapping(Array.isArray(value) ? 'is a list' : 'is a single text');
  if (isDeeperThan(value, MAX_NESTING)) return notAMapping('is nested too deeply');
  return { ok: true, document: { value, problems, lineOf: (path) => lineOf(document, lines, path) } };
}

function explainExpansionError(error: unknown): { message: string; example?: string } {
  const text = error instanceof Error ? error.message : '';
  if (text.startsWith('Unresolved alias')) {
    const message = 'uses an alias (*name) without an anchor (&name) before it';
    return { message, example: "in quotes, where a text starts with *: '*.example.com'" };
  }
  if (text.startsWith('Merge sources')) {
    return { message: 'merges (<<) something that is no mapping', example: '<<: *defaults' };
  }
  return { message: 'uses more aliases than a configuration needs' };
}

function notAMapping(what: string): ParsedDocument {
  const message = `${what}; it must be a mapping of sections`;
  return { ok: false, problems: [{ path: '', found: '', message, example: MAPPING_EXAMPLE }] };
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((child) => isDeeperThan(child, levels - 1));
}

function lineOf(document: Document.Parsed, lines: LineCounter, path: readonly PathSegment[]): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const segment of path) {
    if (isAlias(node)) node = node.resolve(document);
    const child = childOf(node, segment);
    if (!child) break;
    offset = child.offset ?? offset;
    node = child.node;
  }
  return offset === undefined ? undefined : lines.linePos(offset).line;
}

interface Child {
  readonly node: unknown;
  readonly offset: number | undefined;
}

function childOf(node: unknown, segment: PathSegment): Child | undefined {
  if (isSeq(node) && typeof segment === 'number') {
    const item = node.items[segment];
    return item === undefined ? undefined : { node: item, offset: startOf(item) };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(segment));
  return pair && { node: pair.value, offset: startOf(pair.key) };
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}
