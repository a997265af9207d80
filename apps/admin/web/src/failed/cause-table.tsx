import { type Cause, type CausesView, NONE } from '@reveille/admin-api';
import { useId } from 'preact/hooks';

import { countOf, formatCount } from '../format/numbers';
import type { Polled } from '../hooks/use-poll';
import { Moment } from '../parts/moment';
import { ProblemNote } from '../parts/problem-note';
import { Cell, WideTable } from '../parts/wide-table';
import { CauseName } from './cause-name';
import type { FailedFilter } from './failed-filter';

interface CauseTableProps {
  readonly causes: Polled<CausesView>;
  readonly filter: FailedFilter;
  readonly onNarrow: (filter: FailedFilter) => void;
}

const COLUMNS = ['Cause', 'App', 'Pushes', 'First', 'Last', 'Narrow'];

/** The failed pushes by why they failed; each cause narrows the list to it. */
export function CauseTable({ causes: { value, problem, at, reload }, filter, onNarrow }: CauseTableProps) {
  const id = useId();
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>Causes</h2>
      <ProblemNote problem={problem} shownSince={at} onRetry={reload} />
      {!value && !problem && <p aria-busy="true">Reading the causes</p>}
      {value && value.unreachable.length > 0 && (
        <p class="note problem">Missing, because their part of Redis does not answer: {value.unreachable.join(', ')}.</p>
      )}
      {value?.causes.length === 0 && <p>None.</p>}
      {value && value.causes.length > 0 && (
        <WideTable label="Causes" columns={COLUMNS} numbers={['Pushes']}>
          {value.causes.map((cause) => (
            <tr key={`${cause.app} ${nameOf(cause)}`}>
              <Cell of="Cause">
                <CauseName cause={cause} />
              </Cell>
              <Cell of="App">{cause.app}</Cell>
              <Cell of="Pushes" number>
                {formatCount(cause.count)}
              </Cell>
              <Cell of="First">
                <Moment at={cause.first_at} />
              </Cell>
              <Cell of="Last">
                <Moment at={cause.last_at} />
              </Cell>
              <Cell of="">
                <button
                  type="button"
                  class="small secondary outline"
                  aria-label={`Show ${countOf(cause.count, 'push', 'pushes')} of ${cause.app}: ${nameOf(cause)}`}
                  onClick={() => {
                    onNarrow(narrowTo(filter, cause));
                  }}
                >
                  Show
                </button>
              </Cell>
            </tr>
          ))}
        </WideTable>
      )}
    </section>
  );
}

function nameOf({ outcome, reason, provider_status, provider_reason }: Cause): string {
  return [outcome, reason, provider_status, provider_reason].filter((part) => part !== null).join(' ');
}

function narrowTo(filter: FailedFilter, { app, outcome, reason, provider_status, provider_reason }: Cause): FailedFilter {
  return {
    ...filter,
    app,
    outcome,
    reason,
    provider_status: provider_status === null ? NONE : String(provider_status),
    provider_reason: provider_reason ?? NONE,
  };
}
