/** The first `max` code points of a text. Looks at no more than that, whatever the length of the text. */
export function cutCodePoints(text: string, max: number): string {
  if (text.length <= max) return text;
  let end = 0;
  for (let count = 0; count < max && end < text.length; count += 1) end += codeUnitsAt(text, end);
  return text.slice(0, end);
}

/** The longest prefix of whole code points of at most `maxBytes` bytes of UTF-8. Looks at no more than that. */
export function cutUtf8(text: string, maxBytes: number): string {
  if (text.length <= maxBytes && Buffer.byteLength(text) <= maxBytes) return text;
  let end = 0;
  let bytes = 0;
  while (end < text.length) {
    bytes += utf8Bytes(text.codePointAt(end) ?? 0);
    if (bytes > maxBytes) break;
    end += codeUnitsAt(text, end);
  }
  return text.slice(0, end);
}

/** Where the last code point of a well-formed text starts. */
export function lastCodePointStart(text: string): number {
  const isLowSurrogate = (text.charCodeAt(text.length - 1) & 0xfc00) === 0xdc00;
  return text.length - (isLowSurrogate ? 2 : 1);
}

/** Bytes of a code point in UTF-8 (RFC 3629). */
export function utf8Bytes(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/** Escapes of two characters in `JSON.stringify`: \b \t \n \f \r \" \\ */
const SHORT_ESCAPES = new Set([0x08, 0x09, 0x0a, 0x0c, 0x0d, 0x22, 0x5c]);

/** Bytes of a code point, not a lone surrogate, in a string of `JSON.stringify` (ECMA-262, QuoteJSONString). */
export function jsonBytes(codePoint: number): number {
  if (SHORT_ESCAPES.has(codePoint)) return 2;
  if (codePoint < 0x20) return 6;
  return utf8Bytes(codePoint);
}

function codeUnitsAt(text: string, index: number): number {
  return (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1;
}
