import { SERIAL_PLACEHOLDER } from './load-protocol';

const ZERO = 0x30;

/**
 * A whole HTTP/1.1 request as bytes, made once a connection; only the digits of its serial number change. So a request
 * costs the generator a few byte writes: far less than it costs any server.
 */
export class RequestTemplate {
  readonly #bytes: Buffer;
  readonly #places: readonly number[];

  constructor(url: URL, body: string) {
    const head =
      `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nContent-Type: application/json\r\n` +
      `User-Agent: reveille-bench\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
    this.#bytes = Buffer.from(head + body, 'utf8');
    this.#places = placesOf(this.#bytes);
  }

  /** The request with this serial number. The same buffer each time: write it out before asking for the next. */
  withSerial(serial: number): Buffer {
    for (const place of this.#places) {
      let rest = serial;
      for (let index = place + SERIAL_PLACEHOLDER.length - 1; index >= place; index -= 1) {
        this.#bytes[index] = ZERO + (rest % 10);
        rest = Math.floor(rest / 10);
      }
    }
    return this.#bytes;
  }
}

function placesOf(bytes: Buffer): number[] {
  const places: number[] = [];
  const next = (from: number): number => bytes.indexOf(SERIAL_PLACEHOLDER, from);
  for (let at = next(0); at >= 0; at = next(at + SERIAL_PLACEHOLDER.length)) places.push(at);
  return places;
}
