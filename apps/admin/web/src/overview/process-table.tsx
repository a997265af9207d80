import type { SystemView } from '@reveille/admin-api';

import { formatBytes, formatCount, formatShare } from '../format/numbers';
import { formatDuration } from '../format/times';
import { Moment } from '../parts/moment';
import { Cell, WideTable } from '../parts/wide-table';

const COLUMNS = ['Role', 'Process', 'Version', 'Started', 'CPU', 'Event loop p99', 'Memory', 'In flight'];
const NUMBERS = COLUMNS.slice(4);

/** The processes of the relay that told of themselves lately. */
export function ProcessTable({ processes }: Pick<SystemView, 'processes'>) {
  if (processes.length === 0) return <p class="note problem">No process has told of itself in the last seconds. Does the relay run?</p>;
  const sorted = processes.toSorted((one, other) => `${one.role} ${one.id}`.localeCompare(`${other.role} ${other.id}`));
  return (
    <WideTable label="Processes" columns={COLUMNS} numbers={NUMBERS}>
      {sorted.map(({ role, id, version, started_at, load }) => (
        <tr key={`${role} ${id}`}>
          <Cell of="Role">
            <strong>{role}</strong>
          </Cell>
          <Cell of="Process">{id}</Cell>
          <Cell of="Version">{version}</Cell>
          <Cell of="Started">
            <Moment at={started_at} />
          </Cell>
          <Cell of="CPU" number>
            {formatShare(load.cpu)}
          </Cell>
          <Cell of="Event loop p99" number>
            {formatDuration(load.event_loop_p99_ms)}
          </Cell>
          <Cell of="Memory" number>
            {formatBytes(load.rss_bytes)}
          </Cell>
          <Cell of="In flight" number>
            {formatCount(load.in_flight)}
          </Cell>
        </tr>
      ))}
    </WideTable>
  );
}
