import { formatCount } from '../format/numbers';
import { usePoll } from '../hooks/use-poll';
import { Moment } from '../parts/moment';
import { PageHead } from '../parts/page-head';
import { ProblemNote } from '../parts/problem-note';
import { Cell, WideTable } from '../parts/wide-table';
import { linkTo } from '../routing/route';
import { useApi } from '../session/session-context';
import { describeKeptFilter, describeProgress } from './progress';
import { ReplayState } from './replay-state';

/** Milliseconds. */
const EVERY_MS = 2_000;
const COLUMNS = ['Started', 'By', 'State', 'Progress', 'About', 'Delivered', 'Open'];

/** The newest replays. */
export function ReplaysPage() {
  const api = useApi();
  const { value, problem, at, reload } = usePoll('replays', () => api.replays(), EVERY_MS);
  return (
    <>
      <PageHead title="Replays" />
      <ProblemNote problem={problem} shownSince={at} onRetry={reload} />
      {!value && !problem && <p aria-busy="true">Reading the replays</p>}
      {value?.replays.length === 0 && (
        <p class="note">
          Nothing was replayed in the last seven days. To send failed pushes again, choose them under{' '}
          <a href={linkTo({ page: 'failed', filter: {} })}>Failed pushes</a>.
        </p>
      )}
      {value && value.replays.length > 0 && (
        <WideTable label="Replays" columns={COLUMNS} numbers={['Delivered']}>
          {value.replays.map((replay) => (
            <tr key={replay.id}>
              <Cell of="Started">
                <Moment at={replay.created_at} />
              </Cell>
              <Cell of="By">{replay.by}</Cell>
              <Cell of="State">
                <ReplayState state={replay.state} />
              </Cell>
              <Cell of="Progress">{describeProgress(replay)}</Cell>
              <Cell of="About">{describeKeptFilter(replay.filter)}</Cell>
              <Cell of="Delivered" number>
                {formatCount(replay.outcomes.delivered)}
              </Cell>
              <Cell of="">
                <a href={linkTo({ page: 'replay', id: replay.id })} aria-label={`Open replay ${replay.id}`}>
                  Open
                </a>
              </Cell>
            </tr>
          ))}
        </WideTable>
      )}
    </>
  );
}
