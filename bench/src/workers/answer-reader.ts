const HEAD_END = '\r\n\r\n';
const CONTENT_LENGTH = 'content-length: ';
/** `HTTP/1.1 200 OK`. */
const STATUS_START = 9;
const STATUS_END = 12;

/**
 * Reads the answers of one connection that has at most one request under way: no more of HTTP/1.1 than Node's own
 * server uses with a content-length.
 */
export class AnswerReader {
  #rest: Buffer | undefined;

  /** The status of an answer that is complete now; undefined: more is to come. @throws Error on any other answer. */
  read(chunk: Buffer): number | undefined {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    const headEnd = bytes.indexOf(HEAD_END);
    if (headEnd < 0 || bytes.length < headEnd + HEAD_END.length + contentLength(bytes, headEnd)) {
      this.#rest = bytes;
      return undefined;
    }
    this.#rest = undefined;
    return Number(bytes.toString('latin1', STATUS_START, STATUS_END));
  }
}

function contentLength(bytes: Buffer, headEnd: number): number {
  const head = bytes.toString('latin1', 0, headEnd).toLowerCase();
  const at = head.indexOf(CONTENT_LENGTH);
  if (at < 0) throw new Error('an answer without content-length');
  return Number.parseInt(head.slice(at + CONTENT_LENGTH.length), 10);
}
