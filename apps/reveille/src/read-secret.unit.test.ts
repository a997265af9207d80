import { PassThrough, Readable } from 'node:stream';

import { readHiddenLine, readToEnd, type Keyboard } from './read-secret';

/** A stream with the one method that a terminal has besides. */
function keyboard(): { keys: Keyboard; isRaw: () => boolean } {
  let raw = false;
  const keys = Object.assign(new PassThrough(), { setRawMode: (on: boolean) => (raw = on) });
  return { keys, isRaw: () => raw };
}

async function type(...chunks: readonly (string | Buffer)[]): Promise<{ line: string | undefined; shown: string; isRaw: boolean }> {
  const { keys, isRaw } = keyboard();
  const screen = new PassThrough().setEncoding('utf8');
  const line = readHiddenLine(keys, screen, 'Pushkey: ');
  expect(isRaw()).toBe(true);
  for (const chunk of chunks) keys.push(chunk);
  const read = await line;
  return { line: read, shown: String(screen.read()), isRaw: isRaw() };
}

describe('a hidden line', () => {
  it.each([
    ['is read to Enter', ['sec', 'ret\r'], 'secret'],
    ['may be corrected', ['secc\u007Frex\bt\n'], 'secret'],
    ['may be begun anew', ['wrong\u0015secret\r'], 'secret'],
    ['may be empty', ['\u007F\r'], ''],
    ['may come in parts of a character', [Buffer.from('é').subarray(0, 1), Buffer.from('é').subarray(1), '\r'], 'é'],
    ['is given up by Ctrl-C', ['sec\u0003'], undefined],
    ['is given up by Ctrl-D', ['sec\u0004'], undefined],
  ])('%s, and nothing of it is shown', async (_name, chunks, line) => {
    expect(await type(...chunks)).toEqual({ line, shown: 'Pushkey: \n', isRaw: false });
  });

  it('ends where the terminal ends', async () => {
    const { keys } = keyboard();
    const line = readHiddenLine(keys, new PassThrough(), '');
    keys.push(null);
    expect(await line).toBeUndefined();
  });

  it('leaves the second of two pasted lines to the next question', async () => {
    const { keys } = keyboard();
    const first = readHiddenLine(keys, new PassThrough(), '');
    keys.push('one\rtwo\r');
    expect(await first).toBe('one');
    expect(await readHiddenLine(keys, new PassThrough(), '')).toBe('two');
  });
});

describe('standard input', () => {
  it.each([
    [['secret\n'], 'secret'],
    [['sec', 'ret\r\n'], 'secret'],
    [['two\nlines\n\n'], 'two\nlines\n'],
    [[], ''],
    [['x'.repeat(64 * 1024 + 1)], undefined],
  ])('is read to its end', async (chunks, text) => {
    expect(await readToEnd(Readable.from(chunks.map((chunk) => Buffer.from(chunk))))).toBe(text);
  });
});
