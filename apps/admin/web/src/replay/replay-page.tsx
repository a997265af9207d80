import { countOf, formatCount } from '../format/numbers';
import { usePoll } from '../hooks/use-poll';
import type { ReplayView } from '@reveille/admin-api';
import { useState } from 'preact/hooks';
import { Facts } from '../parts/facts';
import { Moment } from '../parts/moment';
import { PageHead } from '../parts/page-head';
import { ProblemNote } from '../parts/problem-note';
import { ViewerNote } from '../parts/viewer-note';
import { linkTo } from '../routing/route';
import { useApi } from '../session/session-context';
import { OutcomeTable } from './outcome-table';
import { describeKeptFilter, describeProgress, describeSteps, describeWaits, mayChange } from './progress';
import { ReplayControls } from './replay-controls';
import { ReplayState } from './replay-state';

/** Often enough for a bar that moves. Milliseconds. */
const EVERY_MS = 1_000;

/** One replay: how far it is, what became of its pushes, and its brakes. */
export function ReplayPage({ id }: { readonly id: string }) {
  const api = useApi();
  const [over, setOver] = useState(false);
  const { value, problem, at, reload } = usePoll(
    `replay ${id}`,
    async () => {
      const result = await api.replay(id);
      if (result.ok) setOver(!mayChange(result.value));
      return result;
    },
    over ? undefined : EVERY_MS,
  );
  return (
    <>
      <PageHead title="Replay">
        <a href={linkTo({ page: 'replays' })}>All replays</a>
      </PageHead>
      <ViewerNote />
      <ProblemNote problem={problem} shownSince={at} onRetry={reload} />
      {!value && !problem && <p aria-busy="true">Reading the replay</p>}
      {value && <Shown replay={value} onChanged={reload} />}
    </>
  );
}

function Shown({ replay, onChanged }: { readonly replay: ReplayView; readonly onChanged: () => void }) {
  const { matched, done, outcomes } = replay;
  return (
    <>
      <article aria-label="Progress">
        <p class="bar-text">
          <ReplayState state={replay.state} /> <span>{describeProgress(replay)}</span>
        </p>
        <progress aria-label="Pushes done" value={matched > 0 ? done : 1} max={Math.max(matched, 1)} />
        <p role="status" class="visually-hidden">
          {describeSteps(replay)}
        </p>
        {replay.waits_for.length > 0 && <p>Waits for {replay.waits_for.map(describeWaits).join('; ')}. It goes on when that is over.</p>}
        {outcomes.waiting > 0 && <p>{formatCount(outcomes.waiting)} were put back into their queue and wait for their turn.</p>}
        <ReplayControls replay={replay} onChanged={onChanged} />
      </article>
      <OutcomeTable replay={replay} />
      <Facts
        facts={[
          ['about', describeKeptFilter(replay.filter)],
          ['started', <Moment at={replay.created_at} />],
          ['by', replay.by],
          ['at most', `${countOf(replay.rate, 'push', 'pushes')} per second`],
          ['past their deadline', replay.include_expired ? 'sent with a new deadline' : 'not sent'],
          ['id', <code>{replay.id}</code>],
        ]}
      />
    </>
  );
}
