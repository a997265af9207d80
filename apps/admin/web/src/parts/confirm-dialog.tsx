import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

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
  const cancelButton = useRef<HTMLButtonElement>(null);
  const confirmButton = useRef<HTMLButtonElement>(null);
  // After the dialog's own effect, which has given the focus to its first button.
  useEffect(() => {
    (danger ? cancelButton : confirmButton).current?.focus();
  }, []);
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
          <button type="button" class="secondary outline" ref={cancelButton} onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={danger ? 'danger' : undefined} ref={confirmButton} disabled={busy}>
            {action}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
