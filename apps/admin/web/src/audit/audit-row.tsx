import type { AuditEntryView } from '@reveille/admin-api';

import { formatCount } from '../format/numbers';
import { Moment } from '../parts/moment';
import { Cell } from '../parts/wide-table';
import { describeDetail } from './describe-detail';

/** One thing that was done. */
export function AuditRow({ entry }: { readonly entry: AuditEntryView }) {
  return (
    <tr>
      <Cell of="When">
        <Moment at={entry.at} />
      </Cell>
      <Cell of="Who">
        <strong>{entry.actor}</strong>{' '}
        <small>
          {entry.role}, {entry.via}
        </small>
      </Cell>
      <Cell of="Did">{entry.action}</Cell>
      <Cell of="App">{entry.app ?? '–'}</Cell>
      <Cell of="On how many" number>
        {entry.count === null ? '–' : formatCount(entry.count)}
      </Cell>
      <Cell of="Detail">
        <small class="detail">{describeDetail(entry.detail)}</small>
      </Cell>
    </tr>
  );
}
