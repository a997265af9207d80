import { countOf } from '../format/numbers';
import { useAction } from '../hooks/use-action';
import { ConfirmDialog } from '../parts/confirm-dialog';
import { useApi } from '../session/session-context';
import type { AppDialogProps } from './app-controls';
import { waitingOf } from './app-state';

/** Stops or starts the acceptance of new pushes of an app. */
export function DrainDialog({ app, onDone, onClose }: AppDialogProps) {
  const api = useApi();
  const on = !app.draining;
  const drain = useAction(
    () => api.drainApp(app.app, on),
    () => {
      onDone(on ? 'Draining.' : 'Accepting again.');
    },
  );
  return (
    <ConfirmDialog
      title={on ? `Drain ${app.app}?` : `End draining ${app.app}?`}
      action={on ? 'Drain' : 'Accept again'}
      busy={drain.busy}
      problem={drain.problem}
      onConfirm={() => {
        drain.run(undefined);
      }}
      onClose={onClose}
    >
      <p>
        {on
          ? `Nothing new of this app is accepted: homeservers are answered 503, keep their pushes and try again. ${countOf(waitingOf(app), 'push that waits is', 'pushes that wait are')} still sent.`
          : 'New pushes of this app are accepted again; homeservers send what they kept, which may be many at once.'}
      </p>
    </ConfirmDialog>
  );
}
