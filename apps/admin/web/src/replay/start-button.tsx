import type { ReplayPreview } from '@reveille/admin-api';

import { countOf } from '../format/numbers';
import { OperatorButton } from '../parts/operator-button';

interface StartButtonProps {
  /** undefined: not known yet. */
  readonly preview: ReplayPreview | undefined;
  /** undefined: what was typed is none. */
  readonly rate: number | undefined;
  readonly busy: boolean;
  readonly onStart: (rate: number) => void;
}

/** Says what it does, and to how many. */
export function StartButton({ preview, rate, busy, onStart }: StartButtonProps) {
  const sending = preview?.would_send ?? 0;
  return (
    <OperatorButton
      disabled={sending === 0 || rate === undefined || busy}
      reason={preview && sending === 0 ? 'There is nothing to send.' : undefined}
      onClick={() => {
        if (rate !== undefined) onStart(rate);
      }}
    >
      {preview ? `Send ${countOf(sending, 'push', 'pushes')}` : 'Send'}
    </OperatorButton>
  );
}
