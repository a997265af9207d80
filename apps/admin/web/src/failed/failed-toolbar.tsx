import type { FailedItemView } from '@reveille/admin-api';

import { formatCount } from '../format/numbers';
import { ofFilter, ofSelection, type ReplayScope } from '../replay/replay-scope';
import type { FailedFilter } from './failed-filter';

interface FailedToolbarProps {
  /** All that match. */
  readonly total: number;
  readonly filter: FailedFilter;
  readonly selected: readonly FailedItemView[];
  readonly allSelected: boolean;
  readonly onToggleAll: () => void;
  readonly onReplay: (scope: ReplayScope) => void;
}

/** What can be done with the list. A viewer may look at the preview of a replay too. */
export function FailedToolbar({ total, filter, selected, allSelected, onToggleAll, onReplay }: FailedToolbarProps) {
  return (
    <div class="actions">
      <button
        type="button"
        disabled={selected.length === 0}
        title={selected.length === 0 ? 'Select pushes in the list first.' : undefined}
        onClick={() => {
          onReplay(ofSelection(selected));
        }}
      >
        Replay selected ({formatCount(selected.length)})
      </button>
      <button
        type="button"
        class="secondary outline"
        onClick={() => {
          onReplay(ofFilter(filter, new Date()));
        }}
      >
        Replay all that match ({formatCount(total)})
      </button>
      <label class="check">
        <input type="checkbox" checked={allSelected} onChange={onToggleAll} />
        Select all shown
      </label>
    </div>
  );
}
