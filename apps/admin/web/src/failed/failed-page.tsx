import type { FailedItemView } from '@reveille/admin-api';
import { useState } from 'preact/hooks';

import { usePages } from '../hooks/use-pages';
import { usePoll } from '../hooks/use-poll';
import { PageHead } from '../parts/page-head';
import { ViewerNote } from '../parts/viewer-note';
import { linkTo } from '../routing/route';
import { goTo } from '../routing/use-route';
import { useApi } from '../session/session-context';
import { CauseTable } from './cause-table';
import { FailedList } from './failed-list';
import { tidyFilter, type FailedFilter } from './failed-filter';
import { FilterForm } from './filter-form';
import { ReplayDialog } from '../replay/replay-dialog';
import { ofSelection, type ReplayScope } from '../replay/replay-scope';
import { PushDialog } from './push-dialog';

/** What failed: why, which, and from here sent again. */
export function FailedPage({ filter }: { readonly filter: FailedFilter }) {
  const api = useApi();
  const key = JSON.stringify(tidyFilter(filter));
  const causes = usePoll(`causes ${key}`, () => api.causes(filter));
  const list = usePages(`failed ${key}`, (cursor) => api.failed(filter, cursor));
  const [selected, setSelected] = useState<readonly FailedItemView[]>([]);
  const [opened, setOpened] = useState<FailedItemView>();
  const [scope, setScope] = useState<ReplayScope>();
  const narrow = (next: FailedFilter): void => {
    setSelected([]);
    goTo(linkTo({ page: 'failed', filter: next }));
  };
  const reload = (): void => {
    setSelected([]);
    causes.reload();
    list.reload();
  };
  return (
    <>
      <PageHead title="Failed pushes">
        <button type="button" class="small secondary outline" onClick={reload} disabled={list.busy}>
          Reload
        </button>
      </PageHead>
      <ViewerNote />
      <FilterForm key={key} filter={filter} onChange={narrow} />
      <CauseTable causes={causes} filter={filter} onNarrow={narrow} />
      <FailedList
        list={list}
        filter={filter}
        selected={selected}
        onSelect={setSelected}
        onOpen={setOpened}
        onReplay={setScope}
        onClear={() => {
          narrow({});
        }}
      />
      {opened && (
        <PushDialog
          item={opened}
          onClose={() => {
            setOpened(undefined);
          }}
          onReplay={() => {
            setOpened(undefined);
            setScope(ofSelection([opened]));
          }}
        />
      )}
      {scope && (
        <ReplayDialog
          scope={scope}
          onClose={() => {
            setScope(undefined);
          }}
        />
      )}
    </>
  );
}
