import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { BodyHold } from './body-budget';

export type Body =
  | { readonly kind: 'complete'; readonly text: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'over-budget' } // too much is held at once
  | { readonly kind: 'not-utf8' }
  | { readonly kind: 'aborted' }; // the client left

/**
 * The whole body of a request as UTF-8 text, of at most `limit` bytes; the memory that it takes is held in `hold`. What comes beyond either limit is
 * read and thrown away (the server's request timeout bounds that), so that the client can read its answer instead of a reset
 * connection. Bytes that are no UTF-8 are told, not replaced: the answer names pushkeys letter for letter.
 */
export function readBody(request: IncomingMessage, limit: number, hold: BodyHold): Promise<Body> {
  return new Promise((resolve) => {
    const bytes = createByteBuffer(limit);
    let isRefused = false;
    const refuse = (kind: 'too-large' | 'over-budget'): void => {
      isRefused = true;
      bytes.clear();
      hold.release();
      resolve({ kind });
    };
    request.on('data', (chunk: Buffer) => {
      if (isRefused) return;
      if (bytes.length() + chunk.length > limit) refuse('too-large');
      else if (!hold.add(bytes.growthFor(chunk))) refuse('over-budget');
      else bytes.append(chunk);
    });
    request.on('end', () => {
      if (isRefused) return;
      const whole = bytes.whole();
      // What was held for the bytes stays held for the text: it takes their place.
      bytes.clear();
      resolve(isUtf8(whole) ? { kind: 'complete', text: whole.toString('utf8') } : { kind: 'not-utf8' });
    });
    request.on('error', () => resolve({ kind: 'aborted' }));
    request.on('close', () => resolve({ kind: 'aborted' }));
  });
}

/** Bytes. */
const SMALLEST_COPY = 4096;

/**
 * Chunks in one piece of at most `limit` bytes. A list of them would be held to ransom: a body sent in chunks of one byte each becomes as many objects of
 * a hundred.
 */
function createByteBuffer(limit: number) {
  // One chunk is the rule: no copy then.
  let buffer: Buffer = Buffer.alloc(0);
  let length = 0;
  // At least twice as large as before, so that all the copying together is no more than twice the body.
  const capacityFor = (chunk: Buffer): number => {
    if (length === 0) return chunk.length;
    const wanted = length + chunk.length;
    return wanted <= buffer.length ? buffer.length : Math.min(limit, Math.max(SMALLEST_COPY, 2 * wanted));
  };
  return {
    length: () => length,
    /** Bytes that have to be allocated beyond those that are, to append `chunk`. */
    growthFor: (chunk: Buffer) => capacityFor(chunk) - buffer.length,
    append(chunk: Buffer): void {
      if (length === 0) {
        buffer = chunk;
      } else {
        const capacity = capacityFor(chunk);
        if (capacity > buffer.length) buffer = copyOf(buffer.subarray(0, length), capacity);
        chunk.copy(buffer, length);
      }
      length += chunk.length;
    },
    whole: () => buffer.subarray(0, length),
    clear(): void {
      buffer = Buffer.alloc(0);
      length = 0;
    },
  };
}

function copyOf(bytes: Buffer, capacity: number): Buffer {
  const larger = Buffer.allocUnsafe(capacity);
  bytes.copy(larger);
  return larger;
}

/** Whether a request announces a body past `limit` bytes: then nothing of it is read. */
export function isAnnouncedTooLarge(request: IncomingMessage, limit: number): boolean {
  return Number(request.headers['content-length'] ?? 0) > limit;
}
