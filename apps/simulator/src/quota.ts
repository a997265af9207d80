import { z } from 'zod';

const limit = z.strictObject({
  count: z.int().min(1).describe('requests that are taken in one window'),
  windowMs: z.int().min(1).describe('length of a window'),
  startsAt: z.number().optional().describe('when a window begins, in milliseconds since the epoch; FCM does not say either. Default 0'),
});

/** Quotas as FCM has them: full again at the end of each window, and everything refused before that, once it is used up. */
export const quotaSettings = z.strictObject({
  project: limit.optional(),
  device: limit.optional(),
  retryAfter: z.string().optional().describe('Retry-After header of a refusal: seconds or an HTTP date'),
});

export type QuotaSettings = z.output<typeof quotaSettings>;
type Limit = z.output<typeof limit>;

/** What became of the requests of one window of the project. */
export interface QuotaWindow {
  /** Milliseconds since the epoch. */
  readonly from: number;
  readonly admitted: number;
  readonly refused: number;
}

export interface SimulatedQuota {
  /** undefined: no quota. */
  set(settings: QuotaSettings | undefined): void;
  /** Counts a request; false: it is to be refused. Like Google's, refusals do not count. */
  admits(pushkey: string): boolean;
  readonly retryAfter: string | undefined;
  /** The windows of the project in which there were requests, since the quota was set; the latest thousand. */
  windows(): readonly QuotaWindow[];
}

const MAX_WINDOWS = 1000;

/** @param now milliseconds since the epoch */
export function makeQuota(now: () => number): SimulatedQuota {
  let settings: QuotaSettings = {};
  let windows: { from: number; admitted: number; refused: number }[] = [];
  let devices = new Map<string, { number: number; count: number }>();
  const numberOf = ({ windowMs, startsAt = 0 }: Limit): number => Math.floor((now() - startsAt) / windowMs);

  const windowOf = (project: Limit) => {
    const from = numberOf(project) * project.windowMs + (project.startsAt ?? 0);
    const last = windows.at(-1);
    if (last?.from === from) return last;
    const window = { from, admitted: 0, refused: 0 };
    windows.push(window);
    if (windows.length > MAX_WINDOWS) windows.shift();
    return window;
  };
  const countOf = (pushkey: string, device: Limit): { count: number } => {
    const number = numberOf(device);
    const last = devices.get(pushkey);
    if (last?.number === number) return last;
    const counted = { number, count: 0 };
    devices.set(pushkey, counted);
    return counted;
  };

  return {
    set(next) {
      settings = next ?? {};
      windows = [];
      devices = new Map();
    },
    admits(pushkey) {
      const { project, device } = settings;
      const window = project ? windowOf(project) : { admitted: 0, refused: 0 };
      const counted = device ? countOf(pushkey, device) : { count: 0 };
      const hasRoom = window.admitted < (project?.count ?? Infinity) && counted.count < (device?.count ?? Infinity);
      if (hasRoom) {
        window.admitted += 1;
        counted.count += 1;
      } else {
        window.refused += 1;
      }
      return hasRoom;
    },
    get retryAfter() {
      return settings.retryAfter;
    },
    windows: () => windows.map((window) => ({ ...window })),
  };
}
