import type { ComponentChildren } from 'preact';

import { useMayOperate } from '../session/session-context';
import { VIEWER_NOTE_ID, VIEWER_REASON } from './viewer-note';

interface OperatorButtonProps {
  readonly onClick: () => void;
  readonly children: ComponentChildren;
  /** Beside the role: there is nothing to do it to. */
  readonly disabled?: boolean;
  /** Why it is disabled, when not because of the role. */
  readonly reason?: string | undefined;
  readonly label?: string;
  readonly class?: string;
}

/** A button that only operators may press; others see it disabled, with the reason. */
export function OperatorButton({ onClick, children, disabled = false, reason, label, class: className }: OperatorButtonProps) {
  const mayOperate = useMayOperate();
  return (
    <button
      type="button"
      class={className}
      onClick={onClick}
      disabled={disabled || !mayOperate}
      title={mayOperate ? reason : VIEWER_REASON}
      aria-label={label}
      aria-describedby={mayOperate ? undefined : VIEWER_NOTE_ID}
    >
      {children}
    </button>
  );
}
