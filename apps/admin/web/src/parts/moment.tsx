import { formatLocal, formatUtc } from '../format/times';

interface MomentProps {
  /** ISO 8601. */
  readonly at: string | Date | null;
  /** What stands there when there is none. */
  readonly none?: string;
}

/** A moment in local time; the title has it in UTC. */
export function Moment({ at, none = '–' }: MomentProps) {
  if (at === null) return <span>{none}</span>;
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={formatUtc(date)}>
      {formatLocal(date)}
    </time>
  );
}
