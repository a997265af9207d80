import { performance } from 'node:perf_hooks';

/** How often it is looked whose time has come: several requests may begin in one turn, as with many homeservers. */
const TICK_MS = 1;

export interface PaceOptions {
  /** Absent: a request begins whenever a connection is free. */
  readonly perSecond: number | undefined;
  /** At most so many requests are begun. */
  readonly count: number;
  readonly connections: number;
}

/** Begins a request; it was to begin at `dueAt`, by the clock of `performance.now`. */
type Begin = (dueAt: number) => void;

/**
 * When the requests of a run are to begin. A schedule keeps to the clock, not to the answers: a request that finds no free
 * connection waits, and that time counts as its own.
 */
export class LoadPace {
  /** Resolves when no more requests begin and all are answered. */
  readonly done: Promise<void>;
  readonly #startedAt = performance.now();
  readonly #free: Begin[] = [];
  readonly #timer: NodeJS.Timeout | undefined;
  #finish: () => void = () => undefined;
  #begun = 0;
  #left: number;
  #unsent = 0;

  constructor(private readonly options: PaceOptions) {
    this.#left = options.count;
    this.done = new Promise((resolve) => (this.#finish = resolve));
    if (options.perSecond !== undefined) this.#timer = setInterval(() => this.#beginDue(), TICK_MS);
  }

  /** Requests whose time had come at the end and that had not begun. */
  get unsent(): number {
    return this.#unsent;
  }

  /** A connection is free: `begin` is called as soon as a request is due. */
  take(begin: Begin): void {
    this.#free.push(begin);
    this.#beginDue();
  }

  /** No more requests begin. */
  end(): void {
    if (this.options.perSecond !== undefined) this.#unsent = this.#due();
    this.#left = 0;
    this.#finishIfIdle();
  }

  #beginDue(): void {
    const { perSecond } = this.options;
    for (let due = this.#due(); due > 0; due -= 1) {
      const begin = this.#free.shift();
      if (begin === undefined) return;
      this.#left -= 1;
      this.#begun += 1;
      begin(perSecond === undefined ? performance.now() : this.#startedAt + (this.#begun * 1000) / perSecond);
    }
    this.#finishIfIdle();
  }

  #due(): number {
    const { perSecond } = this.options;
    if (perSecond === undefined) return this.#left;
    return Math.min(this.#left, Math.floor(((performance.now() - this.#startedAt) * perSecond) / 1000) - this.#begun);
  }

  #finishIfIdle(): void {
    if (this.#left > 0 || this.#free.length < this.options.connections) return;
    clearInterval(this.#timer);
    this.#finish();
  }
}
