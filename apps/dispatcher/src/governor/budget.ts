import { SLICE_MS, type Lease, type LeaseRequest, type QuotaBucket } from '@reveille/queue';
import { createDemand } from './demand';
import { createWaitingLine, type Lane } from './waiting-line';

/** What is left of an app's quota in this process: leased from Redis in slices, so that a push costs no call of its own. */
export interface Budget {
  /** Resolves with true when a push may be sent; with false when it waited in vain and is to go back to its queue. */
  take(lane: Lane): Promise<boolean>;
  /** A push that was allowed did not go to the provider after all. */
  giveBack(): void;
  /** The provider has refused a push for the quota; see `QuotaBucket.refused`. */
  refused(startedAt: number, retryAfterMs?: number): Promise<number>;
  /** Called about once a second: tells the others that this dispatcher lives. */
  tick(): void;
  /** Pushes that wait here. */
  waiting(): number;
  /** The quota of all dispatchers as last heard, pushes a minute. */
  perMinute(): number;
  /** How many pushes of the app are worth having in hand at once; undefined: as many as are allowed. */
  width(): number | undefined;
  /** How many dispatchers share it, this one included. */
  dispatchers(): number;
  /** Nobody waits any more. */
  close(): void;
}

export interface BudgetOptions {
  readonly bucket: QuotaBucket;
  /** Before Redis has said anything: pushes a minute. */
  readonly perMinute: number;
  readonly isOut: () => boolean;
  /** Whether it is of use to ask Redis. */
  readonly isRedisThere: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls `task` once after `ms` milliseconds; returns how to call it off. */
  readonly later: (ms: number, task: () => void) => () => void;
}

/** What is leased and not used for so long is taken for gone: Redis gives it to the others a second later. Milliseconds. */
const LEASE_LASTS_MS = 1500;
/** Redis is away when it has not answered for so long: this dispatcher goes on with its share of the quota. Milliseconds. */
const PATIENCE_MS = 300;
/** A dispatcher without work asks so often (milliseconds), or the app would count as stopped. */
const ALIVE_EVERY_MS = 10_000;
/** A push that has waited for so long goes back to its queue: its lock must not depend on us for minutes. Milliseconds. */
const LONGEST_WAIT_MS = 5000;
/**
 * While the quota is short: pushes in hand that wait, in milliseconds of this dispatcher's share. Not less: BullMQ takes the next job with
 * the end of the last, all of them at once, but one after another what it may have in addition.
 */
const IN_HAND_MS = 1000;

export function createBudget(options: BudgetOptions): Budget {
  const { bucket, now, later } = options;
  const line = createWaitingLine(now);
  const demand = createDemand(now);
  let tokens = 0;
  let leasedAt = 0;
  let spent = 0;
  let last: Lease = { granted: 0, askAgainMs: SLICE_MS, perMinute: options.perMinute, dispatchers: 1, hungry: 0 };
  let askedAt = -Infinity;
  let waitsForAnswer = false;
  let isShort = false;
  let isAlone = false;
  let aloneSince = 0;
  let notBefore = 0;
  let callOff: (() => void) | undefined;
  let isClosed = false;

  const share = (perMinute: number): number => perMinute / Math.max(1, last.hungry > 0 ? last.hungry : last.dispatchers) / 60_000;
  const serve = (): void => {
    while (tokens >= 1 && line.next()) use();
    line.dismiss(LONGEST_WAIT_MS);
  };
  const use = (): void => {
    tokens -= 1;
    if (isAlone) spent += 1;
  };
  const dropOld = (): void => {
    if (!isAlone && now() - leasedAt > LEASE_LASTS_MS) tokens = 0;
  };
  const plan = (ms: number): void => {
    if (isClosed) return;
    callOff?.();
    callOff = later(Math.max(1, ms), () => {
      callOff = undefined;
      ask();
    });
  };

  /** Redis is away: its share goes on, from one slice to the next. */
  const goOnAlone = (): void => {
    if (isClosed) return;
    const time = now();
    if (!isAlone) {
      isAlone = true;
      aloneSince = Math.max(time, notBefore);
    }
    const most = Math.max(1, share(last.perMinute) * 2 * SLICE_MS);
    tokens = Math.min(most, tokens + Math.max(0, time - aloneSince) * share(last.perMinute));
    aloneSince = Math.max(aloneSince, time);
    serve();
    if (line.size() > 0) plan(SLICE_MS);
  };

  const heard = (lease: Lease, sent: LeaseRequest): void => {
    if (isClosed) return;
    if (isAlone) tokens = 0;
    isAlone = false;
    spent = Math.max(0, spent - sent.spent);
    last = lease;
    isShort = lease.granted < sent.want;
    leasedAt = now();
    tokens += lease.granted;
    serve();
    if (line.size() > 0) plan(lease.askAgainMs);
  };

  const ask = (): void => {
    if (isClosed) return;
    if (waitsForAnswer || !options.isRedisThere()) {
      if (!waitsForAnswer || now() - askedAt >= PATIENCE_MS) goOnAlone();
      else plan(PATIENCE_MS);
      return;
    }
    dropOld();
    const expected = line.size() + demand.expected(last.askAgainMs);
    const keeps = isAlone ? 0 : Math.floor(Math.min(tokens, expected));
    const back = isAlone ? 0 : Math.max(0, Math.floor(tokens) - keeps);
    if (!isAlone) tokens = keeps;
    const request = { want: Math.max(0, Math.ceil(expected - keeps)), keeps, back, spent, isOut: options.isOut() };
    askedAt = now();
    waitsForAnswer = true;
    // Meanwhile goOnAlone, if the answer does not come.
    plan(PATIENCE_MS);
    bucket.lease(request).then(
      (lease) => {
        waitsForAnswer = false;
        callOff?.();
        callOff = undefined;
        heard(lease, request);
      },
      () => {
        waitsForAnswer = false;
        goOnAlone();
      },
    );
  };
  /** Asks before the lease is used up, or pushes would wait for each answer. */
  const isLow = (): boolean => tokens < demand.expected(SLICE_MS) / 2 && now() - askedAt >= SLICE_MS / 2;

  return {
    take(lane) {
      if (isClosed) return Promise.resolve(false);
      demand.note();
      dropOld();
      if (tokens >= 1 && line.size() === 0) {
        use();
        if (isLow() && !waitsForAnswer && callOff === undefined) ask();
        return ALLOWED;
      }
      const turn = line.join(lane);
      if (callOff === undefined) ask();
      return turn;
    },
    giveBack() {
      tokens += 1;
      if (isAlone) spent = Math.max(0, spent - 1);
      serve();
    },
    async refused(startedAt, retryAfterMs) {
      tokens = 0;
      const { holdMs } = await bucket.refused(startedAt, retryAfterMs);
      notBefore = now() + holdMs;
      tokens = 0;
      return holdMs;
    },
    tick() {
      line.dismiss(LONGEST_WAIT_MS);
      const isDue = now() - askedAt >= (tokens >= 1 || options.isOut() ? 1000 : ALIVE_EVERY_MS);
      if (isDue && !waitsForAnswer && options.isRedisThere()) ask();
    },
    waiting: () => line.size(),
    perMinute: () => last.perMinute,
    width() {
      const most = Math.ceil(share(last.perMinute) * IN_HAND_MS) + 1;
      return isShort && line.size() > most ? most : undefined;
    },
    dispatchers: () => last.dispatchers,
    close() {
      isClosed = true;
      callOff?.();
      line.dismiss(0);
    },
  };
}

const ALLOWED = Promise.resolve(true);
