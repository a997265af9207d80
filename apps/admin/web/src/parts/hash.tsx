/** Characters that tell hashes apart at a glance. */
const SHOWN = 10;

/** The keyed hash of a device, an event or a room: its beginning, and all of it in the title. */
export function Hash({ value }: { readonly value: string | null }) {
  if (value === null) return <span>–</span>;
  return (
    <code title={value}>
      {value.slice(0, SHOWN)}
      {value.length > SHOWN && '…'}
    </code>
  );
}
