interface NoFailedProps {
  readonly isFiltered: boolean;
  readonly onClear: () => void;
}

/** The list is empty: why, and what to do. */
export function NoFailed({ isFiltered, onClear }: NoFailedProps) {
  if (!isFiltered) {
    return <p class="note good">No failed pushes. Pushes that fail for good or expire are kept here until they are replayed or too old.</p>;
  }
  return (
    <p class="note">
      No failed push matches. Take a filter away, or{' '}
      <button type="button" class="link" onClick={onClear}>
        show all
      </button>
      . A push that was delivered, or still waits, is not here: ask under Explain.
    </p>
  );
}
