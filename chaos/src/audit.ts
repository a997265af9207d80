import type { Delivery } from './delivery';
import { countsKey } from './notification';
import type { SentPush } from './homeserver';

/** A push that ended in the failed set. */
export interface BuriedPush {
  readonly pushkey: string;
  readonly key: string;
  readonly outcome: 'dead' | 'expired';
  readonly reason: string;
}

export interface AuditInput {
  readonly sent: readonly SentPush[];
  readonly deliveries: readonly Delivery[];
  readonly buried: readonly BuriedPush[];
}

/** What the books say when everything has come to rest. Pushes are counted, times are in milliseconds. */
export interface Audit {
  readonly sent: number;
  readonly acknowledged: number;
  /** Taken by the provider (200). */
  readonly delivered: number;
  /** Refused by the provider because the device is dead, or told to the homeserver. */
  readonly rejected: number;
  /** Updates of the counts in whose place a newer one was delivered. */
  readonly superseded: number;
  /**
   * Updates of the counts in whose place an older one came, which the homeserver had sent more than once: its first request
   * was still under way when the next update was acknowledged. The relay cannot know which of the two is the newer one.
   */
  readonly overtaken: number;
  readonly expired: number;
  readonly dead: number;
  /** Acknowledged, and nowhere. */
  readonly lost: number;
  /** Which, in words; only the first few. */
  readonly losses: readonly string[];
  /** From the first lost acknowledgement to the last one: the window. */
  readonly lostWindowMs: number;
  /** Taken by the provider a second time, or a third. */
  readonly secondPushes: number;
  /** Of these, those with another `apns-id` or collapse id than the first. */
  readonly differentIds: number;
  /** From a push to its second one. */
  readonly secondGapMs: Spread;
  /** Devices that live and were told to be dead. */
  readonly wronglyRejected: number;
  /** From acknowledgement to delivery. */
  readonly delayMs: Spread;
}

/** Of many values. */
export interface Spread {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

const HALF = 0.5;
const P99 = 0.99;
const NAMED_LOSSES = 5;
const MS_PER_S = 1000;

/** Compares what was acknowledged with what the providers got and with what lies in the failed sets. */
export function audit({ sent, deliveries, buried }: AuditInput): Audit {
  const book = new DeliveryBook(deliveries);
  const graves = buriedByKey(buried);
  const repeated = new Set(sent.filter((push) => push.kind === 'counts' && push.tries > 1 && book.taken(push).length > 0).map(({ device }) => device));
  const endOfPush = (push: Acknowledged): End => {
    const end = endOf(push, book, graves);
    return end === 'lost' && push.kind === 'counts' && repeated.has(push.device) ? 'overtaken' : end;
  };
  const ends = sent.filter(isAcknowledged).map((push) => ({ push, end: endOfPush(push) }));
  const count = (end: End): number => ends.filter((each) => each.end === end).length;
  const lost = ends.filter(({ end }) => end === 'lost').map(({ push }) => push);
  const lostAt = lost.map(({ acknowledgedAt }) => acknowledgedAt);
  const startedAt = Math.min(...sent.map(({ firstTriedAt }) => firstTriedAt));
  const seconds = sent.flatMap((push) => secondsOf(push, book));
  return {
    sent: sent.length,
    acknowledged: ends.length,
    delivered: count('delivered'),
    rejected: count('rejected'),
    superseded: count('superseded'),
    overtaken: count('overtaken'),
    expired: count('expired'),
    dead: count('dead'),
    lost: lost.length,
    losses: lost.slice(0, NAMED_LOSSES).map((push) => `${describe(push, startedAt)}; ${book.describe(push.device.onWire, startedAt)}`),
    lostWindowMs: lostAt.length === 0 ? 0 : Math.max(...lostAt) - Math.min(...lostAt),
    secondPushes: seconds.length,
    differentIds: seconds.filter(({ hasSameIds }) => !hasSameIds).length,
    secondGapMs: spread(seconds.map(({ gapMs }) => gapMs)),
    wronglyRejected: new Set(sent.filter((push) => push.wasRejected && !push.device.isDead).map(({ device }) => device)).size,
    delayMs: delays(ends.map(({ push }) => push), book),
  };
}

function describe({ kind, key, device, acknowledgedAt, tries }: Acknowledged, startedAt: number): string {
  const at = secondsSince(startedAt, acknowledgedAt);
  return `${kind} ${key} of ${device.appId}${device.isDead ? ' (a dead device)' : ''}, acknowledged after ${at} at try ${tries}`;
}

function secondsSince(startedAt: number, at: number): string {
  return `${((at - startedAt) / MS_PER_S).toFixed(2)} s`;
}

type Acknowledged = SentPush & { readonly acknowledgedAt: number };
type End = 'delivered' | 'rejected' | 'superseded' | 'overtaken' | 'expired' | 'dead' | 'lost';

function isAcknowledged(push: SentPush): push is Acknowledged {
  return push.acknowledgedAt !== undefined;
}

/** The deliveries by device and key. */
class DeliveryBook {
  readonly #taken = new Map<string, Delivery[]>();
  /** Devices that the provider called dead. */
  readonly #refused = new Set<string>();
  /** The newest counts that each device got. */
  readonly #newestCounts = new Map<string, number>();
  readonly #ofDevice = new Map<string, Delivery[]>();

  constructor(deliveries: readonly Delivery[]) {
    for (const delivery of deliveries) this.#add(delivery);
  }

  taken(push: SentPush): readonly Delivery[] {
    return this.#taken.get(idOf(push.device.onWire, push.key)) ?? [];
  }

  /** Whether the provider said so of any push of the device: the others are rejected by memory, or superseded. */
  knowsAsDead(push: SentPush): boolean {
    return this.#refused.has(push.device.onWire);
  }

  newestCounts(push: SentPush): number {
    return this.#newestCounts.get(push.device.onWire) ?? 0;
  }

  /** What a device got, in words. */
  describe(onWire: string, startedAt: number): string {
    const all = this.#ofDevice.get(onWire) ?? [];
    const words = all.map(({ key, status, at }) => `${key ?? '?'} ${status ?? 'unanswered'} after ${secondsSince(startedAt, at)}`);
    return `the device got ${words.join(', ') || 'nothing'}`;
  }

  #add(delivery: Delivery): void {
    const { onWire, key, status } = delivery;
    this.#ofDevice.set(onWire, [...(this.#ofDevice.get(onWire) ?? []), delivery]);
    if (key === undefined) return;
    const id = idOf(onWire, key);
    if (status === 200) {
      const taken = this.#taken.get(id);
      if (taken) taken.push(delivery);
      else this.#taken.set(id, [delivery]);
      const counts = numberOf(key);
      if (counts > (this.#newestCounts.get(onWire) ?? 0)) this.#newestCounts.set(onWire, counts);
    } else if (status === 410 || status === 404) {
      this.#refused.add(onWire);
    }
  }
}

function endOf(push: Acknowledged, book: DeliveryBook, buried: ReadonlyMap<string, BuriedPush>): End {
  if (book.taken(push).length > 0) return 'delivered';
  if (push.wasRejected || (push.device.isDead && book.knowsAsDead(push))) return 'rejected';
  const grave = buried.get(idOf(push.device.pushkey, push.key));
  if (grave) return grave.outcome;
  if (push.kind === 'counts' && book.newestCounts(push) > numberOf(push.key)) return 'superseded';
  return 'lost';
}

interface SecondPush {
  /** Whether it carries the first one's ids. */
  readonly hasSameIds: boolean;
  readonly gapMs: number;
}

/** The pushes after the first. */
function secondsOf(push: SentPush, book: DeliveryBook): SecondPush[] {
  // An update of the counts that the homeserver had to send again is a new one to the relay: it has no event to know it by.
  if (push.kind === 'counts' && push.tries > 1) return [];
  const [first, ...others] = book.taken(push);
  if (first === undefined) return [];
  return others.map(({ apnsId, collapseId, at }) => ({
    hasSameIds: apnsId === first.apnsId && collapseId === first.collapseId,
    gapMs: at - first.at,
  }));
}

function delays(pushes: readonly Acknowledged[], book: DeliveryBook): Spread {
  return spread(
    pushes.flatMap((push) => {
      const [first] = book.taken(push);
      return first ? [Math.max(0, first.at - push.acknowledgedAt)] : [];
    }),
  );
}

function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const quantile = (q: number): number => sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? 0;
  return { p50: quantile(HALF), p99: quantile(P99), max: quantile(1) };
}

function buriedByKey(buried: readonly BuriedPush[]): ReadonlyMap<string, BuriedPush> {
  return new Map(buried.map((each) => [idOf(each.pushkey, each.key), each]));
}

function idOf(pushkey: string, key: string): string {
  return `${pushkey} ${key}`;
}

/** The number in the key of an update of the counts; 0 for an event. */
function numberOf(key: string): number {
  const prefix = countsKey(0).slice(0, -1);
  return key.startsWith(prefix) ? Number(key.slice(prefix.length)) : 0;
}
