import type { AttemptView } from '@reveille/admin-api';

import { Moment } from './moment';
import { Cell, WideTable } from './wide-table';

/** What happened to a push at each attempt, oldest first. */
export function AttemptTable({ attempts }: { readonly attempts: readonly AttemptView[] }) {
  if (attempts.length === 0) return <p>No attempt is on record: it ended before one was made.</p>;
  return (
    <WideTable label="Attempts" columns={['At', 'Status', 'Reason', 'Provider said']}>
      {attempts.map((attempt, index) => (
        <tr key={index}>
          <Cell of="At">
            <Moment at={attempt.at} />
          </Cell>
          <Cell of="Status">{attempt.status ?? 'no answer'}</Cell>
          <Cell of="Reason">{attempt.reason}</Cell>
          <Cell of="Provider said">{attempt.provider_reason ?? '–'}</Cell>
        </tr>
      ))}
    </WideTable>
  );
}
