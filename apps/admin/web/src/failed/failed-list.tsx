import type { FailedItemView, FailedPageView } from '@reveille/admin-api';
import { useId } from 'preact/hooks';

import { countOf, formatCount } from '../format/numbers';
import type { Pages } from '../hooks/use-pages';
import { LoadMore } from '../parts/load-more';
import { ProblemNote } from '../parts/problem-note';
import { WideTable } from '../parts/wide-table';
import { MOST_SELECTED, type ReplayScope } from '../replay/replay-scope';
import { tidyFilter, type FailedFilter } from './failed-filter';
import { FailedRow } from './failed-row';
import { FailedToolbar } from './failed-toolbar';
import { NoFailed } from './no-failed';

interface FailedListProps {
  readonly list: Pages<FailedPageView>;
  readonly filter: FailedFilter;
  readonly selected: readonly FailedItemView[];
  readonly onSelect: (items: readonly FailedItemView[]) => void;
  readonly onOpen: (item: FailedItemView) => void;
  readonly onReplay: (scope: ReplayScope) => void;
  readonly onClear: () => void;
}

const COLUMNS = ['Select', 'Failed', 'Cause', 'App', 'Attempts', 'Accepted', 'Event', 'Device', 'Open'];

/** The failed pushes that match, newest first; page by page, with a selection. */
export function FailedList({ list, onClear, ...rest }: FailedListProps) {
  const id = useId();
  const { items, last, busy, problem } = list;
  const total = last?.total ?? 0;
  return (
    <section aria-labelledby={id}>
      <header class="section-head">
        <h2 id={id}>Pushes</h2>
        <p role="status">{items && `${countOf(total, 'push matches', 'pushes match')}, ${formatCount(items.length)} shown, ${formatCount(rest.selected.length)} selected`}</p>
      </header>
      <ProblemNote problem={problem} onRetry={list.reload} />
      {!items && busy && <p aria-busy="true">Reading the failed pushes</p>}
      {items?.length === 0 && <NoFailed isFiltered={Object.keys(tidyFilter(rest.filter)).length > 0} onClear={onClear} />}
      {items && items.length > 0 && <Table items={items} total={total} {...rest} />}
      <LoadMore list={list} />
    </section>
  );
}

interface TableProps extends Pick<FailedListProps, 'filter' | 'selected' | 'onSelect' | 'onOpen' | 'onReplay'> {
  readonly items: readonly FailedItemView[];
  readonly total: number;
}

function Table({ items, total, filter, selected, onSelect, onOpen, onReplay }: TableProps) {
  const isSelected = (item: FailedItemView): boolean => selected.some(({ app, id }) => id === item.id && app === item.app);
  const most = items.slice(0, MOST_SELECTED);
  const allSelected = most.every(isSelected);
  const toggle = (item: FailedItemView): void => {
    onSelect(isSelected(item) ? selected.filter(({ app, id }) => id !== item.id || app !== item.app) : [...selected, item].slice(0, MOST_SELECTED));
  };
  return (
    <>
      <FailedToolbar
        total={total}
        filter={filter}
        selected={selected}
        allSelected={allSelected}
        onToggleAll={() => {
          onSelect(allSelected ? [] : most);
        }}
        onReplay={onReplay}
      />
      <WideTable label="Failed pushes" columns={COLUMNS} numbers={['Attempts']}>
        {items.map((item) => (
          <FailedRow key={`${item.app} ${item.id}`} item={item} isSelected={isSelected(item)} onToggle={toggle} onOpen={onOpen} />
        ))}
      </WideTable>
    </>
  );
}
