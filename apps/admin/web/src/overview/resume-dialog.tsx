import { countOf } from '../format/numbers';
import { useAction } from '../hooks/use-action';
import { ConfirmDialog } from '../parts/confirm-dialog';
import { useApi } from '../session/session-context';
import type { AppDialogProps } from './app-controls';
import { waitingOf } from './app-state';

/** Lets an app send again, whatever stopped it. */
export function ResumeDialog({ app, onDone, onClose }: AppDialogProps) {
  const api = useApi();
  const resume = useAction(
    () => api.resumeApp(app.app),
    () => {
      onDone('Resumed.');
    },
  );
  return (
    <ConfirmDialog
      title={`Resume ${app.app}?`}
      action="Resume"
      busy={resume.busy}
      problem={resume.problem}
      onConfirm={() => {
        resume.run(undefined);
      }}
      onClose={onClose}
    >
      <p>
        Sending begins at once: {countOf(waitingOf(app), 'push waits', 'pushes wait')}.{' '}
        {app.state !== 'paused' && 'If what stopped it is not repaired, the first answer of the provider stops it again; nothing is lost by that.'}
      </p>
    </ConfirmDialog>
  );
}
