import { byteSize, parseByteSize } from './byte-size';

test.each([
  ['512KiB', 524_288],
  ['1MB', 1_000_000],
  ['1.5 MiB', 1_572_864],
  ['100B', 100],
  ['100', 100],
  [4096, 4096],
  ['512kib', 524_288],
])('%j is %d bytes', (text, bytes) => {
  expect(parseByteSize(text)).toBe(bytes);
});

test.each(['', 'KiB', '-1', '1TB', '1e9', -1, Number.NaN, '99999999999999999GB', null, []])('%j is no size', (text) => {
  expect(parseByteSize(text)).toBeUndefined();
});

test('a size outside its bounds is refused', () => {
  const schema = byteSize({ description: '', min: 10, max: 20 });
  expect(schema.safeParse('9').error?.issues[0]?.message).toBe('must be between 10 and 20 bytes');
  expect(schema.safeParse('21').success).toBe(false);
  expect(schema.parse('20')).toBe(20);
});
