import { JOB_OPTIONS } from './add-job-lua';
import { parseJson } from './parse-json';

/** Data of no dispatch: the handler sees an unreadable job and makes it a dead letter. */
const NO_DATA = 'null';
/** As every job of ours has them: damaged options alone do not stop a push. */
const OPTIONS = JSON.stringify(JOB_OPTIONS);

/**
 * A worker parses the job that it is handed before anybody can catch what that throws: a job whose JSON is damaged would stay
 * active, with a place of the worker's, and come back for ever. Here such fields are replaced by harmless ones, in what the
 * worker sees; what stands on Redis stays as it is, to be looked at.
 *
 * `reply` is that of a command which hands over a job: its hash as a flat list (0: there is none), its id, and two times.
 */
export function withReadableJob(reply: unknown): unknown {
  if (!Array.isArray(reply)) return reply;
  const parts: unknown[] = reply;
  return Array.isArray(parts[0]) ? parts.with(0, readable(parts[0])) : reply;
}

function readable(hash: readonly unknown[]): unknown[] {
  return hash.map((value, index) => (index % 2 === 1 && typeof value === 'string' ? readableField(hash[index - 1], value) : value));
}

/** The fields that BullMQ parses without care. */
function readableField(name: unknown, value: string): string {
  switch (name) {
    case 'data':
      return parseJson(value) === undefined ? NO_DATA : value;
    case 'opts':
      return areOptions(parseJson(value)) ? value : OPTIONS;
    case 'progress':
    case 'parent':
      return parseJson(value) === undefined ? '' : value;
    default:
      return value;
  }
}

function areOptions(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'attempts' in value && typeof value.attempts === 'number';
}
