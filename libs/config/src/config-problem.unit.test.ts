import { formatPath, formatProblems } from './config-problem';

test('a path reads as it would be written in code', () => {
  expect(formatPath(['apps', 'com.example.ios', 'topic'])).toBe('apps["com.example.ios"].topic');
  expect(formatPath(['http', 'bind_addresses', 1])).toBe('http.bind_addresses[1]');
  expect(formatPath(['a"b'])).toBe('["a\\"b"]');
  expect(formatPath([])).toBe('');
});

test('problems as text', () => {
  const problems = [
    { path: 'http.prot', line: 3, found: '', message: 'unknown key', suggestion: 'port' },
    { path: 'http.port', variable: 'REVEILLE_HTTP_PORT', found: '"x"', message: 'must be a number', example: '1' },
    { path: '', line: 7, column: 2, found: '', message: 'is indented with a tab' },
    { path: 'apps', found: 'nothing', message: 'at least one app is required', example: 'apps:\n  a: b' },
    { path: '', found: '', message: 'does not exist' },
    { path: '', variable: 'REVEILLE_X', found: '', message: 'is no setting' },
  ];
  expect(formatProblems('/etc/reveille.yaml', problems)).toBe(`/etc/reveille.yaml: 6 problems

  http.prot (line 3): unknown key; did you mean port?

  REVEILLE_HTTP_PORT (http.port): must be a number
    found: "x"
    example: 1

  line 7, column 2: is indented with a tab

  apps: at least one app is required
    found: nothing
    example:
      apps:
        a: b

  /etc/reveille.yaml: does not exist

  REVEILLE_X: is no setting
`);
  expect(formatProblems(undefined, problems.slice(0, 1)).split('\n')[0]).toBe(
    'no configuration file (./reveille.yaml was looked for and not found): 1 problem',
  );
});
