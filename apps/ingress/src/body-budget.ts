/** What one request holds of the budget. */
export interface BodyHold {
  /** False: neither the process nor this source may hold so much more; nothing is added then. */
  readonly add: (bytes: number) => boolean;
  /** Gives everything back; more than once is no harm. */
  readonly release: () => void;
}

/** Bounds the bytes of requests that are held at once. */
export interface BodyBudget {
  readonly hold: (source: string) => BodyHold;
  /** Bytes. */
  readonly used: () => number;
  /** How many sources are remembered: those that hold something. */
  readonly sources: () => number;
}

/**
 * One source may hold as much as is left free: alone at most half, and of n that want all each an (n+1)th, so that there is
 * always room for the next one and no list of shares to keep (dynamic thresholds, Choudhury and Hahne, 1998).
 */
export function createBodyBudget(totalBytes: number): BodyBudget {
  const bySource = new Map<string, number>();
  let used = 0;
  return {
    hold(source) {
      let held = 0;
      return {
        add(bytes) {
          const ofSource = (bySource.get(source) ?? 0) + bytes;
          if (ofSource > totalBytes - used - bytes) return false;
          bySource.set(source, ofSource);
          used += bytes;
          held += bytes;
          return true;
        },
        release() {
          const ofSource = (bySource.get(source) ?? 0) - held;
          if (ofSource > 0) bySource.set(source, ofSource);
          else bySource.delete(source);
          used -= held;
          held = 0;
        },
      };
    },
    used: () => used,
    sources: () => bySource.size,
  };
}
