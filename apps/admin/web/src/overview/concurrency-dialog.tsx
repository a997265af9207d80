import { MOST_AT_ONCE } from '@reveille/admin-api';
import { useId, useState } from 'preact/hooks';

import { useAction } from '../hooks/use-action';
import { ConfirmDialog } from '../parts/confirm-dialog';
import { useApi } from '../session/session-context';
import type { AppDialogProps } from './app-controls';

/** Changes how many pushes of an app are sent at once, for now. */
export function ConcurrencyDialog({ app, onDone, onClose }: AppDialogProps) {
  const id = useId();
  const api = useApi();
  const [text, setText] = useState(app.concurrency_limit?.toString() ?? '');
  const limit = text === '' ? null : Number(text);
  const change = useAction(
    () => api.limitApp(app.app, limit),
    () => {
      onDone(limit === null ? 'As configured again.' : `At most ${limit} at once.`);
    },
  );
  return (
    <ConfirmDialog
      title={`Concurrency of ${app.app}`}
      action={limit === null ? 'Use what is configured' : `Send at most ${limit} at once`}
      busy={change.busy}
      problem={change.problem}
      onConfirm={() => {
        change.run(undefined);
      }}
      onClose={onClose}
    >
      <p>
        How many pushes of this app all dispatchers together send at once, from now on, until it is changed again. Fewer are gentler on a
        provider that struggles, and slower.
      </p>
      <label for={id}>Pushes at once</label>
      <input
        id={id}
        type="number"
        min={1}
        max={MOST_AT_ONCE}
        step={1}
        value={text}
        aria-describedby={`${id}-hint`}
        onInput={(event) => {
          setText(event.currentTarget.value);
        }}
      />
      <small id={`${id}-hint`}>Empty: as configured.</small>
    </ConfirmDialog>
  );
}
