import { Worker } from 'node:worker_threads';

export interface HangOptions {
  /** How long the event loop may stand still, in milliseconds. */
  readonly limitMs: number;
  /** For the last line of the log. */
  readonly role: string;
}

/** Looks in that time. */
const LOOKS = 20;

/**
 * Ends the process (SIGKILL) when its event loop has stood still for too long: an endless loop leaves a process alive that does
 * nothing, that no signal reaches and that no supervisor starts again. A thread of its own watches; it counts its own looks, so
 * that a process that was stopped as a whole is not taken for one that hangs.
 *
 * @returns how to stop watching
 */
export function endWhenHung({ limitMs, role }: HangOptions): () => Promise<void> {
  const everyMs = Math.ceil(limitMs / LOOKS);
  const turns = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const timer = setInterval(() => Atomics.add(turns, 0, 1), everyMs).unref();
  const lastLine = `${JSON.stringify({ level: 'fatal', role, msg: `the event loop stood still for ${limitMs} ms: ended` })}\n`;
  const worker = new Worker(WATCH, {
    eval: true,
    workerData: { turns, everyMs, looks: LOOKS, lastLine, pid: process.pid },
    // The thread needs next to nothing; the process's own flags would give it a large young space.
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1, stackSizeMb: 1 },
    execArgv: [],
  });
  worker.unref();
  return async () => {
    clearInterval(timer);
    await worker.terminate();
  };
}

/** Plain JavaScript, since it must run in a bundle as it does in tests. */
const WATCH = `
const { workerData } = require('node:worker_threads');
const { writeSync } = require('node:fs');
const { turns, everyMs, looks, lastLine, pid } = workerData;
let last = -1;
let still = 0;
setInterval(() => {
  const now = Atomics.load(turns, 0);
  still = now === last ? still + 1 : 0;
  last = now;
  if (still < looks) return;
  try {
    writeSync(2, lastLine);
  } finally {
    process.kill(pid, 'SIGKILL');
  }
}, everyMs);
`;
