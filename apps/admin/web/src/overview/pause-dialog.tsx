import { MOST_PAUSE_REASON_LENGTH } from '@reveille/admin-api';
import { useId, useRef } from 'preact/hooks';

import { countOf } from '../format/numbers';
import { useAction } from '../hooks/use-action';
import { ConfirmDialog } from '../parts/confirm-dialog';
import { useApi } from '../session/session-context';
import type { AppDialogProps } from './app-controls';
import { waitingOf } from './app-state';

/** Stops an app's sending until somebody resumes it. */
export function PauseDialog({ app, onDone, onClose }: AppDialogProps) {
  const id = useId();
  const api = useApi();
  const reason = useRef<HTMLInputElement>(null);
  const pause = useAction(
    (why: string) => api.pauseApp(app.app, why),
    () => {
      onDone('Paused.');
    },
  );
  return (
    <ConfirmDialog
      title={`Pause ${app.app}?`}
      action="Pause"
      busy={pause.busy}
      problem={pause.problem}
      onConfirm={() => {
        pause.run(reason.current?.value.trim() ?? '');
      }}
      onClose={onClose}
    >
      <p>
        Nothing of this app is sent until somebody resumes it. {countOf(waitingOf(app), 'push waits', 'pushes wait')} now; new ones are
        accepted and wait too. Their deadlines go on: a call is worth nothing after a minute, an event after an hour.
      </p>
      <label for={id}>Reason, for your colleagues (optional)</label>
      <input id={id} ref={reason} maxLength={MOST_PAUSE_REASON_LENGTH} autocomplete="off" />
    </ConfirmDialog>
  );
}
