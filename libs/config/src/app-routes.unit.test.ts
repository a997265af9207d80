import fc from 'fast-check';

import { compileAppRoutes } from './app-routes';

describe('routing of an app id', () => {
  const match = compileAppRoutes(['com.example.ios', 'com.example.*', 'com.*.ios', 'org.?.app', '__proto__']);

  test.each([
    ['com.example.ios', { kind: 'exact', key: 'com.example.ios' }],
    ['com.example.android', { kind: 'glob', key: 'com.example.*' }],
    ['com.other.ios', { kind: 'glob', key: 'com.*.ios' }],
    ['com.example.beta.ios', { kind: 'ambiguous', keys: ['com.example.*', 'com.*.ios'] }],
    ['com.example.', { kind: 'glob', key: 'com.example.*' }],
    ['org.x.app', { kind: 'glob', key: 'org.?.app' }],
    ['org..app', { kind: 'none' }],
    ['org.xy.app', { kind: 'none' }],
    ['COM.EXAMPLE.IOS', { kind: 'none' }],
    ['xcom.example.ios', { kind: 'none' }],
    ['com.example.ios\n', { kind: 'glob', key: 'com.example.*' }],
    ['', { kind: 'none' }],
    ['constructor', { kind: 'none' }],
    ['__proto__', { kind: 'exact', key: '__proto__' }],
  ])('%j', (appId, route) => {
    expect(match(appId)).toEqual(route);
  });

  test('without apps nothing matches', () => {
    expect(compileAppRoutes([])('com.example.ios')).toEqual({ kind: 'none' });
  });

  test('a key with a wildcard is a glob even for an app id of the same letters', () => {
    expect(compileAppRoutes(['a*'])('a*')).toEqual({ kind: 'glob', key: 'a*' });
  });
});

/** The definition, exponential and obvious. */
function fits(glob: string, text: string): boolean {
  if (glob === '') return text === '';
  const [first] = glob;
  if (first === '*') return fits(glob.slice(1), text) || (text !== '' && fits(glob, text.slice(1)));
  return text !== '' && (first === '?' || first === text.charAt(0)) && fits(glob.slice(1), text.slice(1));
}

test('the same verdict as the definition of a glob', () => {
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
  fc.assert(
    fc.property(fc.uniqueArray(glob, { maxLength: 4 }), text, (globs, appId) => {
      const keys = globs.filter((key) => fits(key, appId));
      const route = compileAppRoutes(globs)(appId);
      if (globs.includes(appId)) expect(route).toEqual({ kind: 'exact', key: appId });
      else if (keys.length > 1) expect(route).toEqual({ kind: 'ambiguous', keys });
      else expect(route).toEqual(keys.length === 0 ? { kind: 'none' } : { kind: 'glob', key: keys[0] });
    }),
    { numRuns: 2000 },
  );
});

test('a hostile app id ends, where a backtracking regular expression would not', () => {
  const match = compileAppRoutes([`${'*a'.repeat(30)}*b`, `${'*?a'.repeat(30)}*b?`]);
  expect(match('a'.repeat(500_000))).toEqual({ kind: 'none' });
});
