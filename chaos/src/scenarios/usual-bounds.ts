/** How long the load lasts where the fault is short, in milliseconds. */
export const USUAL_LOAD_MS = 12_000;
/** Every process is ready again within this after the fault, in milliseconds; a process takes a second to start, several on a busy machine. */
export const READY_MS = 15_000;
/** Lock (30 s), check (5 s) and patience for a job whose worker died or whose hand-over was lost, in milliseconds. */
export const STALLED_MS = 45_000;
