/**
 * Longest text that is kept of any field, in UTF-8 bytes. Both providers limit a whole payload to 4096 bytes, and both
 * shorten the longest text first, one code point at a time: no text longer than the limit can survive, so cutting it
 * to the limit beforehand leaves the result of their rules unchanged, and a 500 KB body is not queued.
 */
export const MAX_TEXT_BYTES = 4096;

/** The longest prefix of whole code points that has at most `maxBytes` bytes in UTF-8. A lone surrogate counts 3. */
export function cutToBytes(text: string, maxBytes: number): string {
  // A UTF-16 unit has at most 3 bytes in UTF-8: short texts need no count.
  if (text.length * 3 <= maxBytes) return text;
  let bytes = 0;
  let index = 0;
  while (index < text.length) {
    const codePoint = text.codePointAt(index) ?? 0;
    bytes += utf8Length(codePoint);
    if (bytes > maxBytes) return text.slice(0, index);
    index += codePoint > 0xffff ? 2 : 1;
  }
  return text;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
