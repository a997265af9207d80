import fc from 'fast-check';

import { parseConfigDocument } from './config-document';

const messages = (source: string) => {
  const parsed = parseConfigDocument(source);
  return parsed.ok ? parsed.document.problems : parsed.problems;
};

test.each([
  ['a: 1\n\tb: 2', 2, /tab/],
  ['a:\n  - [1', 2, /not closed/],
  ['a: b: c', 1, /two colons/],
  ['a: 1\nb: @x', 2, /quotes/],
  ['a: 1\n---\nb: 2', 2, /second document/],
  ['? {a: 1}\n: 3', 1, /where a key/],
  ['a: "x', 1, /lacks a quote/],
])('%j is refused at line %d', (source, line, message) => {
  const [problem] = messages(source);
  expect(problem).toMatchObject({ line });
  expect(problem?.column).toBeGreaterThan(0);
  expect(problem?.message).toMatch(message);
});

test.each([
  ['', /is empty/],
  ['# nothing but a comment', /is empty/],
  ['- a', /is a list/],
  ['just text', /is a single text/],
  ['a: *b', /without an anchor/],
  ['<<: 3', /merges/],
])('%j is refused as a whole', (source, message) => {
  expect(messages(source)[0]?.message).toMatch(message);
});

test('a duplicate key is a problem, and the rest is still read', () => {
  const parsed = parseConfigDocument('http:\n  port: 1\n  "port" : 2\nlog: {}\n');
  expect(parsed.ok && parsed.document.problems).toEqual([
    { path: '', line: 3, column: 3, found: '"port"', message: expect.stringContaining('twice') as string },
  ]);
  expect(parsed.ok && parsed.document.value).toHaveProperty('log');
});

test('brackets that are never closed are one problem, where the text ends', () => {
  const message = expect.stringContaining('not closed') as string;
  expect(messages('apps: {a: [\n\n')).toMatchObject([{ line: 1, column: 11, message }]);
  expect(messages('apps: {a: [\n\n')).toHaveLength(1);
});

test('syntax errors never quote the file', () => {
  const sources = ['password: "SENTINEL', 'password: @SENTINEL', 'a: SENTINEL: b', 'SENTINEL\nx: 1', '%SENTINEL'];
  for (const source of sources) {
    expect(JSON.stringify(messages(source))).not.toContain('SENTINEL');
  }
});

test('bombs are refused', () => {
  const levels = 'abcdefgh'.split('').map((name, index) => {
    const below = 'abcdefgh'[index - 1];
    return `${name}: &${name} [${Array(10).fill(below === undefined ? 'x' : `*${below}`).join(', ')}]`;
  });
  expect(messages(levels.join('\n'))[0]?.message).toMatch(/more aliases/);
  expect(messages(`a: ${'['.repeat(20_000)}`).length).toBeGreaterThan(0);
  expect(messages(`a: ${'['.repeat(60)}${']'.repeat(60)}`)[0]?.message).toMatch(/nested too deeply/);
});

test('lines of keys, also of missing ones and through aliases', () => {
  const parsed = parseConfigDocument('base: &b\n  x: 1\nhttp:\n  list:\n    - a\n    - b\napps:\n  com.x: *b\n');
  const lineOf = parsed.ok ? parsed.document.lineOf : () => 0;
  expect(lineOf(['http'])).toBe(3);
  expect(lineOf(['http', 'list', 1])).toBe(6);
  expect(lineOf(['http', 'missing'])).toBe(3);
  expect(lineOf(['apps', 'com.x', 'x'])).toBe(2);
  expect(lineOf(['missing'])).toBeUndefined();
});

test('any text is parsed or refused, never thrown at', () => {
  const yamlish = fc.string({
    unit: fc.constantFrom('<<', ...'ab: \n-[]{}&*"\'#|!%\t?'),
    maxLength: 60,
  });
  fc.assert(
    fc.property(fc.oneof(yamlish, fc.string({ unit: 'binary' })), (source) => {
      const parsed = parseConfigDocument(source);
      if (!parsed.ok) expect(parsed.problems.length).toBeGreaterThan(0);
    }),
    { numRuns: 1000 },
  );
});
