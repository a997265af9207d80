import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** Longer than every pushkey and password. Bytes. */
const MAX_SECRET_BYTES = 64 * 1024;

/** A standard input with a keyboard behind it. */
export interface Keyboard extends Readable {
  setRawMode(on: boolean): unknown;
}

/** What a terminal without a line discipline sends for Ctrl-C, Ctrl-D, Ctrl-U, and for backspace (two habits). */
const CANCEL = ['\u0003', '\u0004'];
const ERASE_ALL = '\u0015';
const ERASE = ['\u007F', '\b'];
const ENTER = ['\r', '\n'];

/** Asks `question` and reads one line that is not shown. Undefined: Ctrl-C, Ctrl-D or the end of the input came instead. */
export function readHiddenLine(keyboard: Keyboard, screen: Writable, question: string): Promise<string | undefined> {
  const decoder = new StringDecoder('utf8');
  let line = '';
  screen.write(question);
  keyboard.setRawMode(true);
  return new Promise((resolve) => {
    const finish = (answer: string | undefined): void => {
      keyboard.off('data', onData).off('end', onEnd);
      keyboard.setRawMode(false);
      keyboard.pause();
      screen.write('\n');
      resolve(answer);
    };
    const onEnd = (): void => finish(undefined);
    const onData = (chunk: Buffer): void => {
      const text = decoder.write(chunk);
      for (const [index, key] of [...text].entries()) {
        if (ENTER.includes(key)) {
          // Pasted lines: what follows belongs to the next question.
          const rest = [...text].slice(index + 1).join('');
          finish(line);
          if (rest !== '') keyboard.unshift(Buffer.from(rest));
          return;
        }
        if (CANCEL.includes(key)) return finish(undefined);
        line = typed(line, key);
      }
    };
    keyboard.on('data', onData).on('end', onEnd);
    keyboard.resume();
  });
}

function typed(line: string, key: string): string {
  if (key === ERASE_ALL) return '';
  if (ERASE.includes(key)) return [...line].slice(0, -1).join('');
  return Buffer.byteLength(line) < MAX_SECRET_BYTES ? line + key : line;
}

/** Everything up to the end, without the line break that `echo` adds. Undefined: it is longer than any secret. */
export async function readToEnd(input: AsyncIterable<unknown>): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of input) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += buffer.length;
    if (bytes > MAX_SECRET_BYTES) return undefined;
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8').replace(/\r?\n$/, '');
}
