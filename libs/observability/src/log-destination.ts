import { write, writeSync } from 'node:fs';

import type { DestinationStream } from 'pino';

/** A pipe that is full takes more after a moment. Milliseconds. */
const FULL_PAUSE_MS = 20;
/** At the exit nobody can wait longer for a reader that does not read. Milliseconds. */
const EXIT_PATIENCE_MS = 1_000;

/**
 * Writes lines to a file descriptor without waiting for its reader; what is left at the exit is written then. When the
 * reader has gone, the rest is thrown away: pino's own destination repeats such a write for ever at the exit, so that a
 * role whose supervisor was killed (or whose `| tee` was) would never end.
 */
export function createLogDestination(fd: number): DestinationStream {
  let lines: string[] = [];
  /** What is written next, or is being written. */
  let chunk: Buffer = Buffer.alloc(0);
  let isWriting = false;
  let isGone = false;

  const writeOn = (): void => {
    if (chunk.length === 0) {
      chunk = Buffer.from(lines.join(''));
      lines = [];
    }
    if (isGone || isWriting || chunk.length === 0) return;
    isWriting = true;
    write(fd, chunk, (error, written) => {
      isWriting = false;
      chunk = chunk.subarray(written);
      if (!error) return writeOn();
      isGone = !isFull(error);
      setTimeout(writeOn, FULL_PAUSE_MS).unref();
    });
  };
  process.on('exit', () => {
    // A chunk that is being written is the thread pool's, which ends what it has begun.
    if (!isGone) writeAll(fd, Buffer.concat([isWriting ? Buffer.alloc(0) : chunk, Buffer.from(lines.join(''))]));
  });

  return {
    write(line) {
      if (isGone) return;
      lines.push(line);
      if (!isWriting) writeOn();
    },
  };
}

/** Writes synchronously, and gives up when the reader has gone or does not read. */
function writeAll(fd: number, rest: Buffer): void {
  const until = performance.now() + EXIT_PATIENCE_MS;
  while (rest.length > 0 && performance.now() < until) {
    try {
      rest = rest.subarray(writeSync(fd, rest));
    } catch (error) {
      if (!isFull(error)) return;
      pause(FULL_PAUSE_MS);
    }
  }
}

/** EAGAIN: the descriptor does not block, and its reader is slower than we are. */
function isFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EAGAIN';
}

/** At the exit there are no timers any more. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
