import type { ReplayView } from '@reveille/admin-api';
import { useState } from 'preact/hooks';

import { countOf } from '../format/numbers';
import type { ReplayAction } from '../http/admin-api';
import { describeProblem } from '../http/problem';
import { useAction } from '../hooks/use-action';
import { ConfirmDialog } from '../parts/confirm-dialog';
import { OperatorButton } from '../parts/operator-button';
import { useApi } from '../session/session-context';
import { isOver } from './progress';

interface ReplayControlsProps {
  readonly replay: ReplayView;
  readonly onChanged: () => void;
}

/** Pause and resume take nothing away and act at once; cancel asks first. */
export function ReplayControls({ replay, onChanged }: ReplayControlsProps) {
  const api = useApi();
  const [asks, setAsks] = useState(false);
  const change = useAction(
    (action: ReplayAction) => api.changeReplay(replay.id, action),
    () => {
      setAsks(false);
      onChanged();
    },
  );
  if (isOver(replay)) return null;
  const isPaused = replay.state === 'paused';
  const left = replay.matched - replay.done - replay.outcomes.waiting;
  return (
    <div class="actions">
      <OperatorButton
        class="secondary outline"
        disabled={change.busy}
        onClick={() => {
          change.run(isPaused ? 'resume' : 'pause');
        }}
      >
        {isPaused ? 'Resume replay' : 'Pause replay'}
      </OperatorButton>
      <OperatorButton
        class="secondary outline"
        disabled={change.busy}
        onClick={() => {
          setAsks(true);
        }}
      >
        Cancel replay
      </OperatorButton>
      <p role="alert" class="problem">
        {!asks && change.problem && describeProblem(change.problem)}
      </p>
      {asks && (
        <ConfirmDialog
          title="Cancel this replay?"
          action="Cancel the replay"
          danger
          busy={change.busy}
          problem={change.problem}
          onConfirm={() => {
            change.run('cancel');
          }}
          onClose={() => {
            setAsks(false);
            change.clearProblem();
          }}
        >
          <p>
            {countOf(Math.max(left, 0), 'push', 'pushes')} that it has not come to yet stay failed; what it has put back into the queues is
            still sent. It cannot be resumed: start another one for the rest.
          </p>
        </ConfirmDialog>
      )}
    </div>
  );
}
