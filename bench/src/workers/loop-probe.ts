import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoopDelay } from './loop-delay-protocol';

/**
 * Loaded into a role with `--require`: answers each message of the benchmark with how late the event loop was since the last one.
 * An operating system that gives the process no core shows here too.
 */
const RESOLUTION_MS = 5;
const NS_PER_MS = 1e6;

const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delay.enable();

process.on('message', () => {
  const value: LoopDelay = { p99Ms: Math.max(0, delay.percentile(99) / NS_PER_MS - RESOLUTION_MS) };
  delay.reset();
  process.send?.({ type: 'result', value });
});
