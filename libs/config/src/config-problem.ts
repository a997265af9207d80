import { DEFAULT_CONFIG_FILE } from './find-config-file';

/** One thing that is wrong with the configuration. Holds no secret. */
export interface ConfigProblem {
  /** Where: `apps["com.example.ios"].topic`; empty for the file as a whole. */
  readonly path: string;
  /** Line in the file, from 1. */
  readonly line?: number;
  readonly column?: number;
  /** The environment variable that the value comes from. */
  readonly variable?: string;
  /** What is there, shortened; secrets are hidden. Empty where there is nothing to show. */
  readonly found: string;
  /** What is wrong, as a predicate: `must be a duration`, `unknown key`. */
  readonly message: string;
  /** What would be right. */
  readonly example?: string;
  /** What was probably meant. */
  readonly suggestion?: string;
}

/** In the place of the file's name, when none was named and the usual one is not there. */
const NO_FILE = `no configuration file (./${DEFAULT_CONFIG_FILE} was looked for and not found)`;

/**
 * The problems as text for a terminal: a block each, with where, what, what was found and an example.
 *
 * @param file - the configuration file; undefined when there is none
 */
export function formatProblems(file: string | undefined, problems: readonly ConfigProblem[], noun = 'problem'): string {
  const count = problems.length === 1 ? `1 ${noun}` : `${String(problems.length)} ${noun}s`;
  const title = `${file ?? NO_FILE}: ${count}`;
  return [title, ...problems.map((problem) => formatProblem(file, problem))].join('\n\n') + '\n';
}

function formatProblem(file: string | undefined, problem: ConfigProblem): string {
  const suggestion = problem.suggestion === undefined ? '' : `; did you mean ${problem.suggestion}?`;
  const lines = [`${formatPlace(file, problem)}: ${problem.message}${suggestion}`];
  if (problem.found !== '') lines.push(`  found: ${problem.found}`);
  if (problem.example !== undefined) lines.push(`  example:${formatExample(problem.example)}`);
  return lines.map((line) => `  ${line.replaceAll('\n', '\n  ')}`).join('\n');
}

function formatExample(example: string): string {
  return example.includes('\n') ? `\n    ${example.replaceAll('\n', '\n    ')}` : ` ${example}`;
}

function formatPlace(file: string | undefined, { path, line, column, variable }: ConfigProblem): string {
  if (variable !== undefined) return path === '' ? variable : `${variable} (${path})`;
  const inLine = column === undefined ? '' : `, column ${String(column)}`;
  const position = line === undefined ? '' : `line ${String(line)}${inLine}`;
  if (path === '') return position === '' ? (file ?? 'configuration') : position;
  return position === '' ? path : `${path} (${position})`;
}

/** A problem before it is known where its path was written. */
export interface PlacedProblem {
  readonly path: readonly PathSegment[];
  readonly problem: ConfigProblem;
}

/** A segment of a path into the configuration: a key, or an index of a list. */
export type PathSegment = string | number;

const PLAIN_KEY = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** `['apps', 'com.example.ios', 'topic']` -> `apps["com.example.ios"].topic` */
export function formatPath(path: readonly PathSegment[]): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${String(segment)}]`;
    if (!PLAIN_KEY.test(segment)) return `${text}[${JSON.stringify(segment)}]`;
    return text === '' ? segment : `${text}.${segment}`;
  }, '');
}
