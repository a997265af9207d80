import type { FailedItemView } from '@reveille/admin-api';

import { formatCount } from '../format/numbers';
import { formatLocal } from '../format/times';
import { Badge } from '../parts/badge';
import { Hash } from '../parts/hash';
import { Moment } from '../parts/moment';
import { Cell } from '../parts/wide-table';
import { CauseName } from './cause-name';

interface FailedRowProps {
  readonly item: FailedItemView;
  readonly isSelected: boolean;
  readonly onToggle: (item: FailedItemView) => void;
  readonly onOpen: (item: FailedItemView) => void;
}

/** One failed push in the list. */
export function FailedRow({ item, isSelected, onToggle, onOpen }: FailedRowProps) {
  const name = `push ${item.id}, failed ${formatLocal(new Date(item.failed_at))}`;
  return (
    <tr aria-selected={isSelected}>
      <Cell of="">
        <input
          type="checkbox"
          aria-label={`Select ${name}`}
          checked={isSelected}
          onChange={() => {
            onToggle(item);
          }}
        />
      </Cell>
      <Cell of="Failed">
        <Moment at={item.failed_at} />
      </Cell>
      <Cell of="Cause">
        <CauseName cause={item} /> {item.replayed > 0 && <Badge tone="plain">replayed {formatCount(item.replayed)}×</Badge>}
      </Cell>
      <Cell of="App">{item.app}</Cell>
      <Cell of="Attempts" number>
        {formatCount(item.attempts)}
      </Cell>
      <Cell of="Accepted">
        <Moment at={item.accepted_at} />
      </Cell>
      <Cell of="Event">
        <Hash value={item.event_hash} />
      </Cell>
      <Cell of="Device">
        <Hash value={item.device_hash} />
      </Cell>
      <Cell of="">
        <button
          type="button"
          class="small secondary outline"
          aria-label={`Open ${name}`}
          onClick={() => {
            onOpen(item);
          }}
        >
          Open
        </button>
      </Cell>
    </tr>
  );
}
