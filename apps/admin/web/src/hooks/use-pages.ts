import { useEffect, useRef, useState } from 'preact/hooks';

import { isUnauthenticated, type Problem, type Result } from '../http/problem';
import { useSession } from '../session/session-context';

/** What every answer with a page of a list has. */
export interface PageAnswer {
  readonly items: readonly unknown[];
  readonly next: string | null;
}

export type ItemOf<Page extends PageAnswer> = Page['items'][number];

export interface Pages<Page extends PageAnswer> {
  /** Of all pages so far; undefined: the first is not there yet. */
  readonly items: readonly ItemOf<Page>[] | undefined;
  /** The page that came last: its totals are the newest. */
  readonly last: Page | undefined;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  readonly hasMore: boolean;
  readonly loadMore: () => void;
  /** Begins again with the first page; what is there stays until it comes. */
  readonly reload: () => void;
}

interface Loaded<Page extends PageAnswer> {
  readonly key: string;
  readonly items?: readonly ItemOf<Page>[];
  readonly last?: Page;
  readonly problem?: Problem;
  readonly busy: boolean;
}

/** A list that is read page by page. A new `key` begins a new list. */
export function usePages<Page extends PageAnswer>(
  key: string,
  ask: (cursor: string | undefined) => Promise<Result<Page>>,
): Pages<Page> {
  const { isActive } = useSession();
  const [loaded, setLoaded] = useState<Loaded<Page>>({ key, busy: true });
  const [round, setRound] = useState(0);
  const latest = useRef(ask);
  latest.current = ask;
  // Which question counts: an answer to one before it is dropped.
  const question = useRef(0);

  const load = (cursor: string | undefined): void => {
    const mine = ++question.current;
    setLoaded((before) => ({ ...(before.key === key ? before : { key }), busy: true }));
    void latest.current(cursor).then((result) => {
      if (mine === question.current) setLoaded((before) => add(before, result, cursor === undefined));
    });
  };
  useEffect(() => {
    if (isActive) load(undefined);
    return () => {
      question.current++;
    };
  }, [key, isActive, round]);

  const current: Loaded<Page> = loaded.key === key ? loaded : { key, busy: true };
  const next = current.last?.next ?? null;
  return {
    items: current.items,
    last: current.last,
    busy: current.busy,
    problem: current.problem,
    hasMore: next !== null,
    loadMore: () => {
      if (next !== null && !current.busy) load(next);
    },
    reload: () => {
      setRound((before) => before + 1);
    },
  };
}

function add<Page extends PageAnswer>(
  { key, items = [], last, ...before }: Loaded<Page>,
  result: Result<Page>,
  isFirst: boolean,
): Loaded<Page> {
  if (result.ok) {
    const { value } = result;
    return { key, items: isFirst ? value.items : [...items, ...value.items], last: value, busy: false };
  }
  const kept = last ? { key, items, last } : { key };
  // The login stands over the page then; the first page is read again after it.
  if (isUnauthenticated(result.problem)) return { ...kept, busy: before.busy };
  return { ...kept, problem: result.problem, busy: false };
}
