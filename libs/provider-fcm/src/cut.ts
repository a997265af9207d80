/** FCM counts bytes of UTF-8; `…` marks a cut and is counted in. */
const ELLIPSIS = '…';
const ELLIPSIS_BYTES = 3;

/** The same text with every lone surrogate replaced by U+FFFD, as UTF-8 would: FCM refuses ill-formed JSON strings. */
export function toWellFormed(text: string): string {
  return /\p{Surrogate}/u.test(text) ? Buffer.from(text, 'utf8').toString('utf8') : text;
}

/** Cuts `text` to at most `maxBytes` of UTF-8 at a code-point border, ending in `…` if anything was cut. */
export function cutToBytes(text: string, maxBytes: number): string {
  return cut(toCuttable(text, maxBytes), maxBytes);
}

/**
 * Cuts texts so that together they hold at most `budget` bytes of UTF-8, the longest first: every text gets the same
 * limit, the highest one (at most `maxBytes`) with which all fit; those below it stay whole.
 *
 * The limit is found by bisection over sizes known beforehand, so the work is O(n log maxBytes) for n texts, whatever
 * their length.
 */
export function cutToBudget(texts: readonly string[], maxBytes: number, budget: number): string[] {
  const cuttables = texts.map((text) => toCuttable(text, maxBytes));
  const fits = (limit: number) => cuttables.reduce((total, cuttable) => total + sizeAt(cuttable, limit), 0) <= budget;
  let limit = maxBytes;
  if (!fits(limit)) {
    let tooHigh = maxBytes;
    limit = 0;
    while (tooHigh - limit > 1) {
      const middle = (limit + tooHigh) >>> 1;
      if (fits(middle)) {
        limit = middle;
      } else {
        tooHigh = middle;
      }
    }
  }
  return cuttables.map((cuttable) => cut(cuttable, limit));
}

/** The beginning of a text in UTF-8: all of it, or more bytes than it may ever keep. */
type Cuttable = Buffer;

function toCuttable(text: string, maxBytes: number): Cuttable {
  // A UTF-16 unit is at least one byte, so maxBytes + 1 units show whether the text is too long without encoding 500 KB
  // of it. A surrogate pair split by this slice lies beyond maxBytes, where the cut removes it.
  return Buffer.from(text.slice(0, maxBytes + 1), 'utf8');
}

/** Size in bytes of what `cut` leaves. */
function sizeAt(cuttable: Cuttable, limit: number): number {
  if (cuttable.length <= limit) {
    return cuttable.length;
  }
  return keptAt(cuttable, limit) + (limit < ELLIPSIS_BYTES ? 0 : ELLIPSIS_BYTES);
}

function cut(cuttable: Cuttable, limit: number): string {
  if (cuttable.length <= limit) {
    return cuttable.toString('utf8');
  }
  return cuttable.toString('utf8', 0, keptAt(cuttable, limit)) + (limit < ELLIPSIS_BYTES ? '' : ELLIPSIS);
}

/** How many bytes stay before the `…`: whole code points only. */
function keptAt(cuttable: Cuttable, limit: number): number {
  let end = Math.max(limit - ELLIPSIS_BYTES, 0);
  while (end > 0 && isContinuation(cuttable[end])) {
    end -= 1;
  }
  return end;
}

/** 10xxxxxx: not the first byte of a code point (RFC 3629). */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
