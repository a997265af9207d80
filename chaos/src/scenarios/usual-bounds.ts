/** How long the load lasts where the fault is short, in milliseconds. */
export const USUAL_LOAD_MS = 12_000;
/** Every process is ready again within this after the fault, in milliseconds; a process takes a second to start, many on a busy machine. */
export const READY_MS = 30_000;
/** Lock (30 s), check (5 s) and patience for a job whose worker died or whose hand-over was lost, in milliseconds. */
export const STALLED_MS = 45_000;
/**
 * Pushes that one dispatcher has under way at most: `dispatcher.concurrency` (50 here) for each of four apps. When it dies, or all its
 * connections do, the provider may have taken any of them.
 */
export const UNDER_WAY = 200;
