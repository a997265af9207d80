import type { ErrorCode, YAMLError } from 'yaml';

import type { ConfigProblem } from './config-problem';
import { shortenText } from './shorten';

interface Explanation {
  readonly message: string;
  readonly example?: string;
}

/** Our words for the mistakes that happen; the library's own may quote the file, secrets included. */
const EXPLANATIONS: Partial<Record<ErrorCode, Explanation>> = {
  TAB_AS_INDENT: { message: 'is indented with a tab', example: 'two spaces for each level' },
  BAD_INDENT: {
    message: 'is not indented like its neighbours, or a bracket is not closed',
    example: 'two spaces for each level',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'has two colons: a value that contains ": " needs quotes',
    example: "name: 'a: b'",
  },
  BAD_SCALAR_START: {
    message: 'starts with @, ` or another character that needs quotes',
    example: "password: '@secret'",
  },
  MULTIPLE_DOCS: { message: 'starts a second document; the file must hold one', example: 'remove the line ---' },
  NON_STRING_KEY: { message: 'has a mapping or list where a key must stand', example: 'com.example.ios:' },
  MISSING_CHAR: { message: 'lacks a quote, a bracket, a comma or the colon after a key', example: "key: 'value'" },
  BAD_DQ_ESCAPE: {
    message: 'has a backslash in double quotes that escapes nothing',
    example: "single quotes: 'C:\\keys'",
  },
  BAD_ALIAS: { message: 'starts with * or &: quote it', example: "'*'" },
  MULTILINE_IMPLICIT_KEY: { message: 'is a text over several lines without the colon of a key', example: 'key: value' },
  RESOURCE_EXHAUSTION: { message: 'is nested too deeply' },
};
/** A key from its first character to the colon; quotes are part of it. */
const KEY = /[^\n]*?(?=\s*:(?:\s|$))/y;
const FALLBACK: Explanation = { message: 'is not valid YAML here', example: 'key: value' };

/** A syntax error as a problem of ours. */
export function explainSyntaxError(
  error: YAMLError,
  source: string,
  position: { readonly line: number; readonly column: number },
): ConfigProblem {
  if (error.code === 'DUPLICATE_KEY') {
    const key = shortenText(keyAt(source, error.pos[0]));
    const message = 'this key stands twice in the same mapping; only one can be meant';
    return { path: '', ...position, found: key, message };
  }
  return { path: '', ...position, found: '', ...(EXPLANATIONS[error.code] ?? FALLBACK) };
}

function keyAt(source: string, offset: number): string {
  KEY.lastIndex = offset;
  return (KEY.exec(source)?.[0] ?? '').replace(/^(['"])(.*)\1$/, '$2');
}
