import { decodeEnd, type RememberedEnd } from '../attempt-history';
import { TOLD } from './trace-lua';

/** What is remembered of one dispatch, or of having been told that the pushkey is dead. Times are milliseconds since the epoch. */
export interface TraceRecord {
  /** Undefined: no dispatch, but an answer that told so. */
  readonly id: string | undefined;
  readonly at: number;
  readonly ingress: string;
  /** How often the homeserver came again with the same, and when it did last. */
  readonly again: number;
  readonly lastAgainAt: number | undefined;
  /** Oldest first: more than one after a replay. */
  readonly ends: readonly RememberedEnd[];
}

const LINE = /^([^|]*)\|(\d+)\|([^|]*)\|(\d*)\|(\d*)\|(.*)$/;

/** The records of one event for one device, as trace-lua.ts writes them; what is not ours is left out. */
export function readRecords(value: string): TraceRecord[] {
  return value.split('\n').flatMap((line) => {
    const match = LINE.exec(line);
    if (!match) return [];
    const [, id = '', at = '', ingress = '', again = '', lastAgainAt = '', ends = ''] = match;
    return [
      {
        id: id === TOLD ? undefined : id,
        at: Number(at),
        ingress,
        again: Number(again),
        lastAgainAt: lastAgainAt === '' ? undefined : Number(lastAgainAt),
        ends: ends.split('\t').flatMap((end) => decodeEnd(end) ?? []),
      },
    ];
  });
}
