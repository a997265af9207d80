import fc from 'fast-check';
import { cutToBytes } from './text';

it('is the longest prefix of whole code points within the limit', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(40), (text, limit) => {
      const points = [...text];
      let expected = '';
      for (const point of points) {
        if (Buffer.byteLength(expected + point) > limit) break;
        expected += point;
      }
      expect(cutToBytes(text, limit)).toBe(expected);
    }),
  );
});

it('counts a lone surrogate as the three bytes of its replacement', () => {
  expect(cutToBytes('\ud800\ud800', 5)).toBe('\ud800');
});
