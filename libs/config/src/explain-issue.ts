import type { z } from 'zod';

import { isRecord } from './is-record';
import { formatPath } from './config-problem';
import type { PathSegment, PlacedProblem } from './config-problem';
import { declarationsAt, describeKey, firstChoice, keysOf, schemasAt } from './schema-walk';
import type { KeyDescription } from './schema-walk';
import { HIDDEN, isSecretKey, shorten } from './shorten';
import { suggest } from './suggest';
import { sygnalHint } from './sygnal-hints';

export type Issue = z.core.$ZodIssue;

/** What an issue is judged against. */
export interface IssueContext {
  readonly schema: z.ZodType;
  /** The settings as they were given: file and environment together. */
  readonly value: unknown;
}

/** One complaint of the validator, in words for an operator; an issue about unknown keys gives a problem for each. */
export function explainIssue(issue: Issue, context: IssueContext): readonly PlacedProblem[] {
  const path = issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment)));
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => explainUnknownKey([...path, key], context));
  if (issue.code === 'invalid_union') return explainUnion(issue, path, context);
  const written = writtenPart(path, context.value);
  return [explainValue(written, messageOf(issue, valueAt(context.value, written)), context)];
}

/** Of a list that was written as one text with commas, the text: its parts have no place of their own. */
function writtenPart(path: readonly PathSegment[], value: unknown): readonly PathSegment[] {
  const end = path.findIndex((_, index) => typeof valueAt(value, path.slice(0, index)) === 'string');
  return end === -1 ? path : path.slice(0, end);
}

function explainUnknownKey(path: readonly PathSegment[], { schema, value }: IssueContext): PlacedProblem {
  const parent = path.slice(0, -1);
  const key = String(path[path.length - 1]);
  const known = schemasAt(schema, parent, value).flatMap((candidate) => [...keysOf(candidate).keys()]);
  const hint = sygnalHint(path);
  const suggestion = suggest(key, [...new Set(known)]) ?? elsewhere(key, parent, schema);
  const choice = suggestion === undefined && known.length > 0 ? `; known here: ${[...new Set(known)].join(', ')}` : '';
  return {
    path,
    problem: {
      path: formatPath(path),
      found: '',
      message: hint ?? `unknown key${choice}`,
      ...(hint === undefined && suggestion !== undefined && { suggestion }),
    },
  };
}

/** The section that has such a key, for one that was written a level too high: `port` -> `http.port`. */
function elsewhere(key: string, parent: readonly PathSegment[], schema: z.ZodType): string | undefined {
  if (parent.length > 0) return undefined;
  const section = [...keysOf(schema)].find(([, candidate]) => keysOf(candidate).has(key));
  return section && `${section[0]}.${key}`;
}

type UnionIssue = Extract<Issue, { code: 'invalid_union' }>;

function explainUnion(
  issue: UnionIssue,
  path: readonly PathSegment[],
  context: IssueContext,
): readonly PlacedProblem[] {
  if ('options' in issue && Array.isArray(issue.options)) {
    return [explainValue(path, oneOf(issue.options, valueAt(context.value, path)), context)];
  }
  // The variant that got furthest into the value is the one that was meant.
  const ranked = issue.errors.filter((errors) => errors.length > 0).sort((a, b) => depthOf(b) - depthOf(a));
  const best = ranked[0];
  if (!best || depthOf(best) === 0) {
    const type = describeAt(path, context)?.type ?? '';
    return [explainValue(path, { message: type === '' ? 'has the wrong form' : `must be ${type}` }, context)];
  }
  return best.flatMap((inner) => explainIssue({ ...inner, path: [...path, ...inner.path] }, context));
}

function depthOf(errors: readonly Issue[]): number {
  return Math.max(...errors.map(({ path }) => path.length));
}

interface Message {
  readonly message: string;
  readonly suggestion?: string;
}

function messageOf(issue: Issue, value: unknown): Message {
  if (issue.code === 'invalid_type') return typeMessage(issue.expected, value);
  if (issue.code === 'invalid_value') return oneOf(issue.values, value);
  if (issue.code === 'too_small') return { message: sizeMessage(issue.origin, 'least', issue.minimum) };
  if (issue.code === 'too_big') return { message: sizeMessage(issue.origin, 'most', issue.maximum) };
  if (issue.code === 'invalid_key') return { message: 'is not allowed as a key' };
  // Our own refinements and the providers': written for the operator already.
  return issue.code === 'custom' ? customMessage(issue) : { message: issue.message };
}

/** A rule that takes only some names, and says which in `params.known`: with the name that was probably meant. */
function customMessage({ message, path, params }: Extract<Issue, { code: 'custom' }>): Message {
  const known: unknown = params?.known;
  if (!Array.isArray(known)) return { message };
  const names = known.map(String);
  const suggestion = suggest(String(path[path.length - 1]), names);
  if (suggestion !== undefined) return { message, suggestion };
  return { message: `${message}; known here: ${names.join(', ')}` };
}

function sizeMessage(origin: string, bound: 'least' | 'most', size: number | bigint): string {
  if (origin === 'string') return `must have at ${bound} ${String(size)} characters`;
  return origin === 'array' ? `must have at ${bound} ${String(size)} entries` : `must be at ${bound} ${String(size)}`;
}

function typeMessage(expected: string, value: unknown): Message {
  if (value === undefined || value === null || expected === 'nonoptional') return { message: 'is required' };
  if (expected === 'string' && typeof value === 'number') return { message: 'must be text: put the number in quotes' };
  if (expected === 'string' && typeof value === 'boolean') return { message: 'must be text: put it in quotes' };
  return { message: `must be ${TYPE_WORDS[expected] ?? expected}` };
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping (keys with values, indented below it)',
  record: 'a mapping (keys with values, indented below it)',
};

function oneOf(values: readonly unknown[], value: unknown): Message {
  const names = values.map(String);
  if (value === undefined || value === null) return { message: `is required: one of ${names.join(', ')}` };
  const suggestion = typeof value === 'string' ? suggest(value, names) : undefined;
  return { message: `must be one of ${names.join(', ')}`, ...(suggestion !== undefined && { suggestion }) };
}

function explainValue(
  path: readonly PathSegment[],
  { message, suggestion }: Message,
  context: IssueContext,
): PlacedProblem {
  const description = describeAt(path, context);
  const example = exampleText(path, description && exampleOf(description));
  const hint = sygnalHint(path, valueAt(context.value, path));
  return {
    path,
    problem: {
      path: formatPath(path),
      found: foundText(path, description, context.value),
      message: hint ?? message,
      ...(suggestion !== undefined && { suggestion }),
      ...(example !== undefined && { example }),
    },
  };
}

function describeAt(path: readonly PathSegment[], { schema, value }: IssueContext): KeyDescription | undefined {
  const [candidate] = declarationsAt(schema, path, value);
  if (!candidate) return undefined;
  const description = describeKey(candidate);
  return { ...description, example: description.example ?? firstChoice(candidate) };
}

function foundText(path: readonly PathSegment[], description: KeyDescription | undefined, value: unknown): string {
  const found = valueAt(value, path);
  const key = [...path].reverse().find((segment) => typeof segment === 'string') ?? '';
  // Only a rule about several settings can complain about one that is not there but has a default.
  if (found === undefined && typeof description?.fallback === 'string') return `${description.fallback} (the default)`;
  const secret = description?.secret === true || isSecretKey(String(key));
  return secret && found !== undefined && found !== null ? HIDDEN : shorten(found);
}

/** A default of one word is always right; an example of its own is for keys without, or with one that shows little. */
function exampleOf({ fallback, example }: KeyDescription): unknown {
  return typeof fallback === 'string' || typeof fallback === 'number' ? fallback : (example ?? fallback);
}

/** `topic: com.example.app`; an example of several lines stands for itself. */
function exampleText(path: readonly PathSegment[], example: unknown): string | undefined {
  if (example === undefined) return undefined;
  if (typeof example === 'string' && example.includes('\n')) return example;
  const key = path[path.length - 1];
  const text = typeof example === 'string' ? example : JSON.stringify(example);
  return typeof key === 'string' ? `${key}: ${text}` : text;
}

/** What stands at a path; undefined where the path leads nowhere. */
export function valueAt(value: unknown, path: readonly PathSegment[]): unknown {
  return path.reduce<unknown>((current, segment) => {
    if (Array.isArray(current)) return current[Number(segment)] as unknown;
    return isRecord(current) && Object.hasOwn(current, segment) ? current[segment] : undefined;
  }, value);
}
