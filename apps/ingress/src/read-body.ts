import type { IncomingMessage } from 'node:http';

export type Body =
  | { readonly kind: 'complete'; readonly text: string }
  | { readonly kind: 'too-large' }
  | { readonly kind: 'aborted' }; // the client left

/**
 * The whole body of a request as UTF-8 text, of at most `limit` bytes. What comes beyond the limit is read and thrown
 * away (the server's request timeout bounds that), so that the client can read its 413 instead of a reset connection.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    if (Number(request.headers['content-length'] ?? 0) > limit) {
      request.resume();
      resolve({ kind: 'too-large' });
      return;
    }
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      resolve({ kind: 'too-large' });
    });
    request.on('end', () => {
      // One chunk is the rule: no copy then.
      const [first] = chunks;
      const whole = chunks.length === 1 && first ? first : Buffer.concat(chunks);
      resolve({ kind: 'complete', text: whole.toString('utf8') });
    });
    request.on('error', () => resolve({ kind: 'aborted' }));
    request.on('close', () => resolve({ kind: 'aborted' }));
  });
}
