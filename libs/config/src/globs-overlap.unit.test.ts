import fc from 'fast-check';

import { compileAppRoutes } from './app-routes';
import { globsOverlap, overlappingGlobs } from './globs-overlap';

test.each([
  ['com.example.*', 'com.*.ios', true],
  ['com.example.*', 'org.*', false],
  ['com.*', '*.ios', true],
  ['com.a?', 'com.?b', true],
  ['com.a?', 'com.b?', false],
  ['a?', 'a', false],
  ['a*', 'a', true],
  ['*', '*', true],
  ['a*b*c', 'a*x', false],
])('%s and %s', (one, other, overlap) => {
  expect([globsOverlap(one, other), globsOverlap(other, one)]).toEqual([overlap, overlap]);
});

test('globs overlap exactly when a text is found that both match', () => {
  const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '?'), maxLength: 4 }).map((text) => `${text}*`);
  const texts = allTexts('ab', 8);
  fc.assert(
    fc.property(glob, glob, (one, other) => {
      const [ofOne, ofOther] = [compileAppRoutes([one]), compileAppRoutes([other])];
      expect(globsOverlap(one, other)).toBe(texts.some((text) => ofOne(text).kind === 'glob' && ofOther(text).kind === 'glob'));
    }),
    { numRuns: 300 },
  );
});

test('the warning names both globs, once, and exact app ids have none', () => {
  const warnings = overlappingGlobs({ apps: { 'com.example.*': {}, 'com.example.ios': {}, 'com.*.ios': {}, 'org.*': {} } });
  expect(warnings).toMatchObject([{ path: ['apps', 'com.*.ios'], problem: { message: expect.stringContaining('`apps.com.example.*`') as string } }]);
});

function allTexts(units: string, maxLength: number): readonly string[] {
  const longer = (texts: readonly string[]): readonly string[] => texts.flatMap((text) => units.split('').map((unit) => text + unit));
  let last: readonly string[] = [''];
  const all = [''];
  for (let length = 1; length <= maxLength; length++) {
    last = longer(last);
    all.push(...last);
  }
  return all;
}
