import fc from 'fast-check';

import { cutToBudget, cutToBytes, toWellFormed } from './cut';

const bytes = (text: string) => Buffer.byteLength(text);

/** Any UTF-16, lone surrogates and wide characters among it. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({ unit: fc.integer({ min: 0xd7f0, max: 0xe010 }).map((unit) => String.fromCharCode(unit)), maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('a', 'é', '…', '€', '🦄'), maxLength: 60 }),
);

/** The rule as it is written: whole code points while they and the ellipsis fit. */
function naiveCut(text: string, maxBytes: number): string {
  const wellFormed = Buffer.from(text).toString();
  if (bytes(wellFormed) <= maxBytes) return wellFormed;
  const kept = [...wellFormed];
  while (kept.length > 0 && bytes(kept.join('')) + 3 > maxBytes) kept.pop();
  return maxBytes < 3 ? '' : `${kept.join('')}…`;
}

describe('cutToBytes', () => {
  it.each([
    ['what fits stays', 'abc', 3, 'abc'],
    ['the mark is counted in', 'abcdefgh', 7, 'abcd…'],
    ['no code point is split', 'ab€€€', 7, 'ab…'],
    ['a pair of surrogates is one code point', '🦄🦄🦄', 11, '🦄🦄…'],
    ['nothing but the mark', '🦄🦄', 6, '…'],
    ['too little room for the mark', 'abcdef', 2, ''],
    ['lone surrogates become U+FFFD', 'a\ud800b', 9, 'a\ufffdb'],
  ])('%s', (_name, text, maxBytes, expected) => {
    expect(cutToBytes(text, maxBytes)).toBe(expected);
  });

  it('is the naive definition, for any text', () => {
    fc.assert(
      fc.property(anyText, fc.nat({ max: 70 }), (text, maxBytes) => {
        expect(cutToBytes(text, maxBytes)).toBe(naiveCut(text, maxBytes));
      }),
    );
  });
});

describe('cutToBudget', () => {
  it('leaves texts alone that fit', () => {
    expect(cutToBudget(['abc', 'de'], 10, 5)).toEqual(['abc', 'de']);
  });

  it('shrinks the longest first', () => {
    const [short, x, y] = ['short', 'x'.repeat(50), 'y'.repeat(20)] as const;
    expect(cutToBudget([short, x, y], 100, 45)).toEqual([short, `${'x'.repeat(17)}…`, y]);
    expect(cutToBudget([short, x, y], 100, 35)).toEqual([short, `${'x'.repeat(12)}…`, `${'y'.repeat(12)}…`]);
  });

  it('is the highest common limit with which all fit, for any texts', () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 6 }), fc.nat({ max: 200 }), (texts, budget) => {
        const maxBytes = 64;
        let expected: string[] = [];
        for (let limit = maxBytes; limit >= 0; limit -= 1) {
          expected = texts.map((text) => naiveCut(text, limit));
          if (expected.reduce((total, text) => total + bytes(text), 0) <= budget) break;
        }
        expect(cutToBudget(texts, maxBytes, budget)).toEqual(expected);
      }),
    );
  });

  it('reads no more of a text than it may keep', () => {
    // 500 MB in all, were it read: the point is that this ends at once, not how fast.
    const huge = 'x'.repeat(500_000);
    const cut = cutToBudget(new Array<string>(1000).fill(huge), 1024, 4096);
    expect(cut.reduce((total, text) => total + bytes(text), 0)).toBeLessThanOrEqual(4096);
  });
});

describe('toWellFormed', () => {
  it('changes lone surrogates only', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(toWellFormed(text)).toBe(Buffer.from(text).toString());
      }),
    );
    expect(toWellFormed('🦄 as it was')).toBe('🦄 as it was');
  });
});
