import { z } from 'zod';
import type { RedisClient } from '../connect-redis';
import type { DispatchCodec } from '../dispatch-codec';
import { appKeyBase } from '../keyspace';
import { groupByCause, parseCause, toCounted } from './failed-cause';
import { attemptsRange, matchesFailed, type FailedFilter } from './failed-filter';
import { readItems } from './failed-item';
import { comesBefore, decodePlace, encodePlace } from './failed-place';
import type { CauseCount, FailedItem, FailedPlace, OldestFirst, ShownPush } from './failed-types';
import { COUNT_BY_CAUSE, READ_PAGE } from './search-scripts';
import { showFailed } from './show-failed';

/** The failed pushes of one app: every call is one script, or a few, in the app's slot of a Cluster. */
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
  readonly appKey: string;
  readonly codec: DispatchCodec;
}

const causesSchema = z.array(z.tuple([z.string(), z.number(), z.string(), z.string()]));
const pageSchema = z.tuple([z.number(), z.string(), z.array(z.string())]);

/** Places that one script looks at, and returns, where several terms must hold: so long does Redis serve nobody else. */
const LOOK_AT_ONCE = 2000;
/** Above every time that fits into a place. */
const END_OF_TIME = 9_999_999_999_999;

export function createAppFailed(options: AppFailedOptions): AppFailed {
  const { redis, prefix, appKey, codec } = options;
  const base = appKeyBase(prefix, appKey);
  const items = (ids: readonly string[]): Promise<FailedItem[]> => readItems({ redis, base, appKey }, ids);

  async function countByCause(filter: FailedFilter, head: string): Promise<CauseCount[]> {
    const { from, to } = rangeOf(filter);
    const reply = causesSchema.parse(await COUNT_BY_CAUSE.run(redis, base, [describe(filter), head, from, to]));
    return reply.flatMap(([cause, count, first, last]) => {
      const parsed = parseCause(cause);
      return parsed ? [{ ...parsed, app: appKey, count, firstAt: decodePlace(first).failedAt, lastAt: decodePlace(last).failedAt }] : [];
    });
  }
  async function readPage(filter: FailedFilter, heads: Heads, page: IndexPage): Promise<{ isOver: boolean; last: string; places: FailedPlace[] }> {
    const args = [describe(filter), heads.first, page.from, page.to, page.order, page.limit, page.budget, ...heads.others];
    const [more, last, places] = pageSchema.parse(await READ_PAGE.run(redis, base, args));
    return { isOver: more === 0, last, places: places.map(decodePlace) };
  }

  /** All that match, oldest first, where the index alone does not say how many: ids, or several terms. */
  async function findAll(filter: FailedFilter): Promise<FailedItem[] | FailedPlace[]> {
    if (filter.ids !== undefined) {
      const { app: _app, ...rest } = filter;
      return (await items([...new Set(filter.ids)])).filter((item) => matchesFailed(rest, item)).sort((a, b) => (comesBefore(a, b) ? -1 : 1));
    }
    const heads = await rarestFirst(filter);
    const found: FailedPlace[] = [];
    let { from } = rangeOf(filter);
    for (;;) {
      const page = { from, to: rangeOf(filter).to, order: 'oldest', limit: LOOK_AT_ONCE, budget: LOOK_AT_ONCE } as const;
      const { isOver, last, places } = await readPage(filter, heads, page);
      found.push(...places);
      if (isOver) return found;
      from = `(${last}`;
    }
  }
  /** Whoever must look at each of a term's looks at those of the rarest. */
  async function rarestFirst(filter: FailedFilter): Promise<Heads> {
    const heads = headsOf(filter);
    const counted = await Promise.all(heads.map(async (head) => ({ head, count: sum(await countByCause(filter, head)) })));
    const [rarest, ...others] = counted.sort((a, b) => a.count - b.count).map(({ head }) => head);
    return { first: rarest ?? ALL, others };
  }

  return {
    items,
    show: (id) => showFailed({ redis, base, appKey, codec }, id),
    async count(filter) {
      if (isFoundOneByOne(filter)) return (await findAll(filter)).length;
      return sum(await countByCause(filter, onlyHead(filter)));
    },
    async causes(filter) {
      if (!isFoundOneByOne(filter)) return groupByCause(await countByCause(filter, onlyHead(filter)));
      const ids = (await findAll(filter)).map(({ id }) => id);
      return groupByCause(await readAll(ids));
    },
    async newestFirst(filter, { before, limit }) {
      const place = before;
      if (isFoundOneByOne(filter)) {
        const all = (await findAll(filter)).filter((one) => place === undefined || comesBefore(one, place));
        return all.slice(-limit).reverse();
      }
      const { from, to } = rangeOf(filter, { before });
      const page = { from, to, order: 'newest', limit, budget: limit } as const;
      return (await readPage(filter, { first: onlyHead(filter), others: [] }, page)).places;
    },
    async oldestFirst(filter, { after, until, limit }) {
      const bounded = { ...filter, until: Math.min(until, filter.until ?? until) };
      if (isFoundOneByOne(filter)) {
        return (await findAll(bounded)).filter((one) => after === undefined || comesBefore(after, one)).slice(0, limit);
      }
      const { from, to } = rangeOf(bounded, { after });
      const page = { from, to, order: 'oldest', limit, budget: limit } as const;
      return (await readPage(bounded, { first: onlyHead(filter), others: [] }, page)).places;
    },
  };

  async function readAll(ids: readonly string[]): Promise<CauseCount[]> {
    const counted: CauseCount[] = [];
    for (let at = 0; at < ids.length; at += LOOK_AT_ONCE) {
      counted.push(...(await items(ids.slice(at, at + LOOK_AT_ONCE))).map(toCounted));
    }
    return counted;
  }
}

/** Beginning of the entries that every failed push has. */
const ALL = 'c';

interface Heads {
  readonly first: string;
  readonly others: readonly string[];
}

interface IndexPage {
  readonly from: string;
  readonly to: string;
  readonly order: 'newest' | 'oldest';
  readonly limit: number;
  /** Places to look at. */
  readonly budget: number;
}

/** The terms that are asked for, as their entries in the index begin. */
function headsOf({ eventHash, roomHash, deviceHash }: FailedFilter): string[] {
  return [
    ...(eventHash === undefined ? [] : [`e:${eventHash}`]),
    ...(deviceHash === undefined ? [] : [`d:${deviceHash}`]),
    ...(roomHash === undefined ? [] : [`r:${roomHash}`]),
  ];
}

function onlyHead(filter: FailedFilter): string {
  return headsOf(filter)[0] ?? ALL;
}

function isFoundOneByOne(filter: FailedFilter): boolean {
  return filter.ids !== undefined || headsOf(filter).length > 1;
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
  });
}

function sum(counts: readonly { readonly count: number }[]): number {
  return counts.reduce((all, { count }) => all + count, 0);
}
