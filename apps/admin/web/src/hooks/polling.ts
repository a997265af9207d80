/** What says whether somebody looks: `document`. */
export interface Surface {
  readonly hidden: boolean;
  addEventListener(type: 'visibilitychange', listener: () => void): void;
  removeEventListener(type: 'visibilitychange', listener: () => void): void;
}

export interface PollingOptions {
  /** One question; never rejects. */
  readonly ask: () => Promise<void>;
  /** From the end of one question to the next, milliseconds; undefined: asked once. */
  readonly intervalMs: number | undefined;
  readonly surface: Surface;
}

/**
 * Asks at once and then again and again, one question at a time, while somebody looks; at once when they look again. Returns what
 * ends it.
 */
export function startPolling({ ask, intervalMs, surface }: PollingOptions): () => void {
  let over = false;
  let asking = false;
  let asked = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const turn = async (): Promise<void> => {
    asking = true;
    await ask();
    asking = false;
    asked = true;
    if (!over && intervalMs !== undefined) timer = setTimeout(begin, intervalMs);
  };
  const begin = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const isEnough = asked && intervalMs === undefined;
    // Hidden: the change of visibility begins again.
    if (!asking && !isEnough && !surface.hidden) void turn();
  };
  begin();
  surface.addEventListener('visibilitychange', begin);
  return () => {
    over = true;
    clearTimeout(timer);
    surface.removeEventListener('visibilitychange', begin);
  };
}
