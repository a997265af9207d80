import type { PageAnswer, Pages } from '../hooks/use-pages';

/** The button below a list that has another page. */
export function LoadMore({ list }: { readonly list: Pick<Pages<PageAnswer>, 'hasMore' | 'busy' | 'loadMore'> }) {
  if (!list.hasMore) return null;
  return (
    <button type="button" class="secondary outline" onClick={list.loadMore} disabled={list.busy}>
      Load more
    </button>
  );
}
