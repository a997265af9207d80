export interface LaterOptions {
  /** Milliseconds. */
  readonly delayMs: number;
  /** Calls that wait at once; past it the next one is made at once. */
  readonly max: number;
}

/** Makes calls a while later, a bounded number at a time. */
export function createLater({ delayMs, max }: LaterOptions): (call: () => void) => void {
  let waiting = 0;
  return (call) => {
    if (waiting >= max) {
      call();
      return;
    }
    waiting++;
    setTimeout(() => {
      waiting--;
      call();
    }, delayMs);
  };
}
