import { MOST_REPLAY_RATE } from '@reveille/admin-api';
import { useId } from 'preact/hooks';

import { countOf, formatCount } from '../format/numbers';
import { formatDuration } from '../format/times';

interface RateFieldProps {
  readonly text: string;
  /** Pushes that would be sent: how long they take. */
  readonly sending: number;
  readonly onText: (text: string) => void;
}

/** Pushes a second, or undefined when `text` is no rate that the API takes. */
export function parseRate(text: string): number | undefined {
  const rate = Number(text);
  return Number.isInteger(rate) && rate >= 1 && rate <= MOST_REPLAY_RATE ? rate : undefined;
}

/** How fast a replay sends. */
export function RateField({ text, sending, onText }: RateFieldProps) {
  const id = useId();
  const rate = parseRate(text);
  const hint =
    rate === undefined
      ? `From 1 to ${formatCount(MOST_REPLAY_RATE)}.`
      : `${countOf(sending, 'push takes', 'pushes take')} about ${formatDuration(Math.ceil(sending / rate) * 1_000)}.`;
  return (
    <div>
      <label for={id}>Pushes per second</label>
      <input
        id={id}
        type="number"
        min={1}
        max={MOST_REPLAY_RATE}
        value={text}
        aria-describedby={`${id}-hint`}
        aria-invalid={rate === undefined ? 'true' : undefined}
        onInput={(event) => {
          onText(event.currentTarget.value);
        }}
      />
      <small id={`${id}-hint`}>{hint}</small>
    </div>
  );
}
