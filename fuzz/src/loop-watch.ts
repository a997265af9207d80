import { z } from 'zod';

/**
 * Loaded into the process under test with `--require`: watches its event loop, and tells on demand. A turn of the loop counts as a
 * stall only as far as this process was computing meanwhile; when the machine gave the processor to somebody else, it was not us.
 */
const STEP_MS = 10;

const request = z.object({ type: z.literal('measure') });

let stallMs = 0;
let delayMs = 0;
let lastAt = performance.now();
let lastCpu = process.cpuUsage();

setInterval(() => {
  const now = performance.now();
  const { user, system } = process.cpuUsage(lastCpu);
  const late = now - lastAt - STEP_MS;
  delayMs = Math.max(delayMs, late);
  stallMs = Math.max(stallMs, Math.min(late, (user + system) / 1000));
  lastAt = now;
  lastCpu = process.cpuUsage();
}, STEP_MS).unref();

process.on('message', (message) => {
  if (!request.safeParse(message).success) return;
  const measured = { stallMs, delayMs };
  stallMs = delayMs = 0;
  // With --expose-gc: what is left then is what is kept.
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  // Neither is the collection above a stall of the process under test.
  lastAt = performance.now();
  lastCpu = process.cpuUsage();
  process.send?.({ type: 'measured', ...measured, rss, heap: heapUsed + external });
});
process.channel?.unref();
