import { z } from 'zod';
import type { RedisClient } from '../connect-redis';
import type { DispatchCodec } from '../dispatch-codec';
import { appKeyBase, appOfQueue } from '../keyspace';
import { groupByCause, parseCause, toCounted } from './failed-cause';
import { attemptsRange, matchesFailed, type FailedFilter } from './failed-filter';
import { readItems } from './failed-item';
import { comesBefore, decodePlace, encodePlace } from './failed-place';
import type { CauseCount, FailedItem, FailedPlace, OldestFirst, ShownPush } from './failed-types';
import { COUNT_BY_CAUSE, COUNT_TOGETHER, READ_PAGE } from './search-scripts';
import { showFailed } from './show-failed';
import { TooManyToSearch } from './too-many-to-search';

/** The failed pushes of one queue, or of all queues of an app: every call is one script, or a few, in the slot of each in a Cluster. */
export interface AppFailed {
  count(filter: FailedFilter): Promise<number>;
  causes(filter: FailedFilter): Promise<CauseCount[]>;
  newestFirst(filter: FailedFilter, page: NewestFirst): Promise<FailedPlace[]>;
  oldestFirst(filter: FailedFilter, page: OldestFirst): Promise<FailedPlace[]>;
  /** Those that are failed, in any order. */
  items(ids: readonly string[]): Promise<FailedItem[]>;
  show(id: string): Promise<ShownPush | undefined>;
}

export interface NewestFirst {
  readonly before: FailedPlace | undefined;
  readonly limit: number;
}

export interface AppFailedOptions {
  readonly redis: RedisClient;
  readonly prefix: string;
  /** Of the app, or of one queue: see keyspace.ts. */
  readonly key: string;
  readonly codec: DispatchCodec;
  /** Milliseconds after which a search by several terms gives up (see TooManyToSearch). Default: never. */
  readonly patienceMs?: number;
}

const causesSchema = z.array(z.tuple([z.string(), z.number(), z.string(), z.string()]));
const togetherSchema = z.tuple([z.number(), z.string(), causesSchema]);
const pageSchema = z.tuple([z.number(), z.string(), z.array(z.string())]);

/** Places that one script looks at where several terms must hold: so long does Redis serve nobody else. */
const LOOK_AT_ONCE = 2000;
/** Above every time that fits into a place. */
const END_OF_TIME = 9_999_999_999_999;

export function createQueueFailed(options: AppFailedOptions): AppFailed {
  const { redis, prefix, key, codec, patienceMs = Infinity } = options;
  const appKey = appOfQueue(key);
  const base = appKeyBase(prefix, key);
  const items = (ids: readonly string[]): Promise<FailedItem[]> => readItems({ redis, base, appKey }, ids);

  async function countByCause(filter: FailedFilter): Promise<CauseCount[]> {
    if (headsOf(filter).length > 1) return countTogether(filter);
    const { from, to } = rangeOf(filter);
    return toCounts(causesSchema.parse(await COUNT_BY_CAUSE.run(redis, base, [describe(filter), from, to])));
  }
  /** Looks at all that have the rarest of several terms, some at a time. */
  async function countTogether(filter: FailedFilter): Promise<CauseCount[]> {
    const { from, to } = rangeOf(filter);
    const goOn = patience();
    const found: CauseCount[] = [];
    let reached: readonly [number, string] = [0, ''];
    for (;;) {
      const reply = await COUNT_TOGETHER.run(redis, base, [describe(filter), from, to, LOOK_AT_ONCE, ...reached]);
      const [number, last, counts] = togetherSchema.parse(reply);
      found.push(...toCounts(counts));
      if (number === 0) return found;
      reached = [number, last];
      goOn();
    }
  }
  function toCounts(reply: z.output<typeof causesSchema>): CauseCount[] {
    return reply.flatMap(([cause, count, first, last]) => {
      const parsed = parseCause(cause);
      return parsed ? [{ ...parsed, app: appKey, count, firstAt: decodePlace(first).failedAt, lastAt: decodePlace(last).failedAt }] : [];
    });
  }

  /** From a place on, as many as the page holds, or all there are. */
  async function readPlaces(filter: FailedFilter, { order, limit, before, after }: IndexPage): Promise<FailedPlace[]> {
    const budget = headsOf(filter).length > 1 ? LOOK_AT_ONCE : limit;
    const goOn = patience();
    const found: FailedPlace[] = [];
    let { from, to } = rangeOf(filter, { before, after });
    while (found.length < limit) {
      const reply = await READ_PAGE.run(redis, base, [describe(filter), from, to, order, limit - found.length, budget]);
      const [more, last, places] = pageSchema.parse(reply);
      found.push(...places.map(decodePlace));
      if (more === 0 || found.length >= limit) return found;
      if (order === 'oldest') from = `(${last}`;
      else to = `(${last}`;
      goOn();
    }
    return found;
  }
  /** To be called between two scripts: throws when they have taken too long. */
  function patience(): () => void {
    const giveUpAt = performance.now() + patienceMs;
    return () => {
      if (performance.now() >= giveUpAt) throw new TooManyToSearch();
    };
  }

  /** Of those that are named, those that match, oldest first. */
  async function findNamed(filter: FailedFilter, ids: readonly string[]): Promise<FailedItem[]> {
    const { app: _app, ...rest } = filter;
    return (await items([...new Set(ids)])).filter((item) => matchesFailed(rest, item)).sort((a, b) => (comesBefore(a, b) ? -1 : 1));
  }

  return {
    items,
    show: (id) => showFailed({ redis, base, appKey, codec }, id),
    async count(filter) {
      if (filter.ids !== undefined) return (await findNamed(filter, filter.ids)).length;
      return sum(await countByCause(filter));
    },
    async causes(filter) {
      if (filter.ids !== undefined) return groupByCause((await findNamed(filter, filter.ids)).map(toCounted));
      return groupByCause(await countByCause(filter));
    },
    async newestFirst(filter, { before, limit }) {
      if (filter.ids === undefined) return readPlaces(filter, { order: 'newest', limit, before });
      const named = (await findNamed(filter, filter.ids)).filter((one) => before === undefined || comesBefore(one, before));
      return named.slice(-limit).reverse();
    },
    async oldestFirst(filter, { after, until, limit }) {
      const bounded = { ...filter, until: Math.min(until, filter.until ?? until) };
      if (filter.ids === undefined) return readPlaces(bounded, { order: 'oldest', limit, after });
      const named = await findNamed(bounded, filter.ids);
      return named.filter((one) => after === undefined || comesBefore(after, one)).slice(0, limit);
    },
  };
}

/** Beginning of the entries that every failed push has. */
const ALL = 'c';

interface IndexPage {
  readonly order: 'newest' | 'oldest';
  readonly limit: number;
  readonly before?: FailedPlace | undefined;
  readonly after?: FailedPlace | undefined;
}

/** How the entries of what is asked for begin: those of each term, or of all failed pushes. */
function headsOf({ eventHash, roomHash, deviceHash }: FailedFilter): string[] {
  const terms = [
    ...(eventHash === undefined ? [] : [`e:${eventHash}`]),
    ...(deviceHash === undefined ? [] : [`d:${deviceHash}`]),
    ...(roomHash === undefined ? [] : [`r:${roomHash}`]),
  ];
  return terms.length === 0 ? [ALL] : terms;
}

/** From and to in the index, between the time of the filter and the place of a page, as places with brackets. */
function rangeOf(
  { since = 0, until = END_OF_TIME }: FailedFilter,
  { before, after }: { readonly before?: FailedPlace | undefined; readonly after?: FailedPlace | undefined } = {},
): { readonly from: string; readonly to: string } {
  // A place begins with its time and a colon; a semicolon is what comes after all of them.
  const first = `[${timeOf(since)}`;
  const last = `(${timeOf(until)};`;
  return {
    from: after && after.failedAt >= since ? `(${encodePlace(after)}` : first,
    to: before && before.failedAt <= until ? `(${encodePlace(before)}` : last,
  };
}

function timeOf(time: number): string {
  return encodePlace({ failedAt: Math.min(time, END_OF_TIME), id: '' }).slice(0, -1);
}

/** As the scripts read it: see search-scripts.ts. */
function describe(filter: FailedFilter): string {
  const { outcome, reason, providerStatus, providerReason } = filter;
  return JSON.stringify({
    outcome,
    reason,
    status: providerStatus === null ? '' : providerStatus?.toString(),
    answer: providerReason === null ? '' : providerReason,
    ...attemptsRange(filter),
    heads: headsOf(filter),
  });
}

function sum(counts: readonly { readonly count: number }[]): number {
  return counts.reduce((all, { count }) => all + count, 0);
}
