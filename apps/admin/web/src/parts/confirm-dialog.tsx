import type { ComponentChildren } from 'preact';

import { describeProblem, type Problem } from '../http/problem';
import { Dialog } from './dialog';

interface ConfirmDialogProps {
  readonly title: string;
  /** What will happen, and to how many. */
  readonly children: ComponentChildren;
  /** A verb, and to how many where it is known: `Send 42 pushes`. */
  readonly action: string;
  readonly busy: boolean;
  readonly problem: Problem | undefined;
  /** It takes something away from somebody. */
  readonly danger?: boolean;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Asked before anything is changed. Cancel has the focus first when something is lost by it. */
export function ConfirmDialog({ title, children, action, busy, problem, danger = false, onConfirm, onClose }: ConfirmDialogProps) {
  const submit = (event: Event): void => {
    event.preventDefault();
    onConfirm();
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form onSubmit={submit} aria-busy={busy}>
        {children}
        <p role="alert" class="problem">
          {problem && describeProblem(problem)}
        </p>
        <footer class="actions">
          <button type="button" class="secondary outline" onClick={onClose} autofocus={danger}>
            Cancel
          </button>
          <button type="submit" class={danger ? 'danger' : undefined} disabled={busy} autofocus={!danger}>
            {action}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
