import type { AppView } from '@reveille/admin-api';
import { useState } from 'preact/hooks';

import { OperatorButton } from '../parts/operator-button';
import { canPause, canResume } from './app-state';
import { ConcurrencyDialog } from './concurrency-dialog';
import { DrainDialog } from './drain-dialog';
import { PauseDialog } from './pause-dialog';
import { ResumeDialog } from './resume-dialog';

interface AppControlsProps {
  readonly app: AppView;
  readonly onChanged: () => void;
}

/** What a dialog of an app is given. */
export interface AppDialogProps {
  readonly app: AppView;
  /** It was done. */
  readonly onDone: (said: string) => void;
  readonly onClose: () => void;
}

const DIALOGS = { pause: PauseDialog, resume: ResumeDialog, drain: DrainDialog, concurrency: ConcurrencyDialog } as const;

/** What an operator may do to an app; each is asked about first. */
export function AppControls({ app, onChanged }: AppControlsProps) {
  const [open, setOpen] = useState<keyof typeof DIALOGS>();
  const [said, setSaid] = useState('');
  const away = app.state === 'unreachable';
  const reason = away ? 'Its part of Redis does not answer.' : undefined;
  const close = (): void => {
    setOpen(undefined);
  };
  const onDone = (what: string): void => {
    setOpen(undefined);
    setSaid(what);
    onChanged();
  };
  const OpenDialog = open && DIALOGS[open];
  const button = (name: keyof typeof DIALOGS, text: string, disabled: boolean) => (
    <OperatorButton class="small secondary outline" label={`${text} ${app.app}`} disabled={disabled} reason={reason} onClick={() => setOpen(name)}>
      {text}
    </OperatorButton>
  );
  return (
    <footer class="actions">
      {canResume(app) && button('resume', 'Resume', false)}
      {canPause(app) && button('pause', 'Pause', false)}
      {button('drain', app.draining ? 'End draining' : 'Drain', away)}
      {button('concurrency', 'Concurrency', away)}
      <p role="status">{said}</p>
      {OpenDialog && <OpenDialog app={app} onDone={onDone} onClose={close} />}
    </footer>
  );
}
