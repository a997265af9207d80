import { maxMinLevel } from './max-min-share';

export interface QueueShareOptions {
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** 0 <= random < 1. */
  readonly random: () => number;
}

/** Shares the room of an app's queue between senders while the queue fills up. */
export interface QueueShare {
  /** How full a queue is (by its key), 0 to 1, as the answer to each admission tells. */
  readonly onFill: (queue: string, fill: number) => void;
  /** Whether any queue is filling up; else nobody needs to be asked. */
  readonly isActive: () => boolean;
  /** Whether so many pushes of this source may enter a queue: all of them, or none. Each call counts them as wanting to. */
  readonly mayEnter: (queue: string, source: string, pushes: number) => boolean;
  /** How many rates of sources are remembered. */
  readonly sources: () => number;
}

/** From this fill on the room is shared: before, bursts are what a queue is for. */
const SHARE_FROM = 0.5;
/** Of what is offered, the part that enters a full queue, so that it is seen when there is room again. */
const LEAST_PART = 0.01;
/** Time constant of the recent rates, in milliseconds. */
const RATE_MEMORY_MS = 5000;
/** How often the level is made anew, in milliseconds. */
const RECOMPUTE_MS = 100;
/** A fill that nobody has confirmed for so long says nothing any more, in milliseconds. */
const FILL_LIFE_MS = 1000;
/** After so long without a queue that fills up its rates are forgotten, in milliseconds. */
const FORGET_MS = 30_000;
/** A source that sent less than this lately is forgotten. */
const NEGLIGIBLE = 0.1;
/** Sources remembered for each app; those beyond share one rate. */
const MAX_SOURCES = 10_000;
const OTHERS = 'others';

interface AppShare {
  fill: number;
  filledAt: number;
  /** Last time that the fill was past SHARE_FROM. */
  pressedAt: number;
  computedAt: number;
  level: number;
  /** Pushes that wanted to enter lately, fading. */
  readonly rates: Map<string, number>;
}

/**
 * Past half of its limit, and if more than one source sends, of all pushes that want to enter a queue a part is let in that shrinks to nothing at the limit. That part is
 * shared by max-min fairness on the recent rates of the sources: those under the level pass whole, of the others each push passes with
 * the probability level / rate (core-stateless fair queueing, Stoica, Shenker and Zhang, 1998). The fill settles where
 * as much enters as the dispatchers take out, whatever that is. State is kept only for queues that fill up. See ADR 12.
 */
export function createQueueShare({ now, random }: QueueShareOptions): QueueShare {
  const apps = new Map<string, AppShare>();

  const recompute = (app: AppShare): void => {
    const elapsed = now() - app.computedAt;
    if (elapsed < RECOMPUTE_MS) return;
    app.computedAt = now();
    const fade = Math.exp(-elapsed / RATE_MEMORY_MS);
    let total = 0;
    for (const [source, rate] of app.rates) {
      const faded = rate * fade;
      total += faded;
      if (faded < NEGLIGIBLE) app.rates.delete(source);
      else app.rates.set(source, faded);
    }
    app.level = maxMinLevel([...app.rates.values()], total * partAt(app.fill));
  };

  return {
    onFill(appKey, fill) {
      const known = apps.get(appKey);
      if (fill < SHARE_FROM && !known) return;
      const at = now();
      const app = known ?? { fill, filledAt: at, pressedAt: at, computedAt: at, level: Infinity, rates: new Map<string, number>() };
      if (!known) apps.set(appKey, app);
      app.fill = fill;
      app.filledAt = at;
      if (fill >= SHARE_FROM) app.pressedAt = at;
      else if (at - app.pressedAt > FORGET_MS) apps.delete(appKey);
    },
    isActive: () => apps.size > 0,
    mayEnter(appKey, source, pushes) {
      const app = apps.get(appKey);
      if (!app) return true;
      recompute(app);
      const name = app.rates.has(source) || app.rates.size < MAX_SOURCES ? source : OTHERS;
      const rate = (app.rates.get(name) ?? 0) + pushes;
      app.rates.set(name, rate);
      if (app.fill < SHARE_FROM || now() - app.filledAt > FILL_LIFE_MS) return true;
      // Alone it takes nobody's room: the limit itself ends it, with 503.
      if (app.rates.size === 1) return true;
      return rate <= app.level || random() * rate < app.level;
    },
    sources: () => [...apps.values()].reduce((sum, { rates }) => sum + rates.size, 0),
  };
}

function partAt(fill: number): number {
  const free = (1 - fill) / (1 - SHARE_FROM);
  return Math.min(1, Math.max(LEAST_PART, free));
}
